import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { invalidProjectName } from './invalid-project-name.ts';

const { reports, fixes } = compose();

test('names of projects', () => {
  for (const valid of ['shop', 'my-shop_2', '0a', '"${NAME}"', '$NAME', '""', '3'])
    reports(invalidProjectName, `name: ${valid}\nservices: {}\n`);
  reports(
    invalidProjectName,
    'name: «My.Shop»\nservices: {}\n',
    `the project name "My.Shop" is not lowercase letters, digits, '-' and '_' only, and becomes "myshop"`,
  );
  fixes(invalidProjectName, 'name: My.Shop\n', 'name: myshop\n');
  fixes(invalidProjectName, 'name: "_Shop 2!"\n', 'name: shop2\n');
});
