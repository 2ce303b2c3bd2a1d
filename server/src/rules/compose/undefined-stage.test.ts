import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { undefinedStage } from './undefined-stage.ts';

const files = {
  '/project/Dockerfile': 'FROM a AS base\nFROM base AS Prod\nFROM b\n',
  '/project/api/dev.Dockerfile': 'FROM a AS dev\n',
  '/project/other.Dockerfile': '# syntax=example/frontend\nFROM a\n',
};
const { reports, fixes } = compose(files);
const build = (text: string): string => `services: {a: {build: {${text}}}}\n`;

test('stages by name and number', () => {
  const of = 'could not be found in /project/Dockerfile';
  reports(undefinedStage, build('target: «prodd»'), `target stage "prodd" ${of} (did you mean 'Prod'?)`);
  reports(undefinedStage, build('context: ., target: "«9»"'), `target stage "9" ${of}`);
  for (const there of ['base', 'prod', '"1"', '2', '"${T}"', '""']) reports(undefinedStage, build(`target: ${there}`));
  fixes(undefinedStage, build('target: bas'), build('target: base'));
});

test('the Dockerfile that is meant', () => {
  reports(
    undefinedStage,
    build('context: api, dockerfile: dev.Dockerfile, target: «base»'),
    'target stage "base" could not be found in /project/api/dev.Dockerfile',
  );
  reports(undefinedStage, build('context: api, dockerfile: dev.Dockerfile, target: dev'));
  for (const unknown of ['context: api', 'context: "https://x.example/y.git"', 'dockerfile: $D', 'context: "${C}"'])
    reports(undefinedStage, build(`${unknown}, target: x`));
  reports(undefinedStage, build('dockerfile: other.Dockerfile, target: x'));
  reports(undefinedStage, build('dockerfile_inline: "FROM a AS x", target: x'));
  reports(undefinedStage, 'services: {a: {extends: {file: b.yaml, service: c}, build: {target: x}}}\n');
});
