import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { invalidInterpolation, unsetVariable } from './variable-rules.ts';

const { reports, fixes } = compose();
const image = (text: string): string => `services: {a: {image: "${text}"}}\n`;

test('what is no variable', () => {
  const message = 'invalid interpolation format: ${A. You may need to escape any $ with another $';
  reports(invalidInterpolation, 'services:\n  a:\n    image: «${A»\n', message);
  reports(invalidInterpolation, image('a$b ${c} $$d ${e:-f} 5$'));
  fixes(invalidInterpolation, image('x${1}'), image('x$${1}'));
});

test('variables that nothing sets', () => {
  const message = 'The variable TAG is not set in .env. Unless the environment sets it, it is a blank string';
  reports(unsetVariable, image('a:«${TAG}»-$TAG'), message);
  const must = 'The variable TAG is not set in .env. Unless the environment sets it, Compose refuses to start';
  reports(unsetVariable, image('a:«${TAG:?no tag}»'), must);
  reports(unsetVariable, image('a:${TAG:-1}${X:+y}${COMPOSE_PROJECT_NAME}$HOME'));
});

test('.env beside the file', () => {
  const { reports: withEnv } = compose({ '/project/.env': 'TAG=1\n' });
  withEnv(unsetVariable, image('a:${TAG}'));
  const message =
    'The variable TAGS is not set in .env (did you mean TAG?). Unless the environment sets it, it is a blank string';
  withEnv(unsetVariable, image('a:«${TAGS}»'), message);
});
