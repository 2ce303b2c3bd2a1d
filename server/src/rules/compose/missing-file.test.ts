import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { missingFile } from './missing-file.ts';

test('files that are not there', () => {
  const files = { '/project/app/Dockerfile': 'FROM a', '/project/a.env': '', '/project/compose.yaml': '' };
  const { reports } = compose(files);
  const service = (text: string): string => `services: {a: {${text}}}\n`;
  reports(missingFile, service('env_file: «b.env»'), 'env_file: there is no file /project/b.env');
  reports(
    missingFile,
    service('env_file: [a.env, {path: «c.env»}, {path: d.env, required: false}]'),
    'env_file: there is no file /project/c.env',
  );
  reports(missingFile, service('build: «web»'), 'build context: there is no folder /project/web');
  reports(
    missingFile,
    service('build: {context: app, dockerfile: «x»}'),
    'dockerfile: there is no file /project/app/x',
  );
  reports(
    missingFile,
    service('build: ./app, extends: {service: b, file: «../c.yaml»}'),
    'extends: there is no file /c.yaml',
  );
  reports(missingFile, 'include: [«more.yaml»]\n', 'include: there is no file /project/more.yaml');
});

test('what cannot be known', () => {
  const { reports } = compose();
  reports(
    missingFile,
    'services: {a: {build: "https://x/y.git", env_file: $F, volumes: ["./x:/y"]}, b: {build: git@x:y}}\n',
  );
  reports(missingFile, 'secrets: {s: {file: ./made-later}}\n');
});
