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
    'invalid project name "My.Shop": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number',
  );
  fixes(invalidProjectName, 'name: My.Shop\n', 'name: my-shop\n');
  fixes(invalidProjectName, 'name: "_Shop 2!"\n', 'name: shop-2\n');
});
