import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { buildAndImage, explicitTag, invalidImage, projectName } from './image-rules.ts';

const { reports, fixes } = compose();
const image = (text: string): string => `services: {a: {image: ${text}}}\n`;

test('tags', () => {
  reports(explicitTag, image('«nginx»'), "image 'nginx' has no tag: it will be another one tomorrow");
  reports(explicitTag, image('«"x/y:latest"»'), "image 'x/y:latest': the tag 'latest' moves: name a version");
  reports(explicitTag, 'services: {c: {image: "d:1"}, e: {image: $F}}\n');
  reports(explicitTag, image('«"${REG}/x/y"»'), "image '${REG}/x/y' has no tag: it will be another one tomorrow");
  reports(explicitTag, image('«"my_own:5000/y"»'), "image 'my_own:5000/y' has no tag: it will be another one tomorrow");
  for (const unknown of ['"$I"', '"a:${T:-latest}"', '"${I:-a/b}"', '3', '""']) reports(explicitTag, image(unknown));
  reports(explicitTag, image(`"a@sha256:${'0'.repeat(64)}"`));
});

test('names', () => {
  reports(
    invalidImage,
    image('«Nginx»'),
    'services.a.image: invalid reference format: repository name (library/Nginx) must be lowercase',
  );
  reports(invalidImage, image('"ghcr.io/a/b:1"'));
});

test('build and image, and the project’s name', () => {
  const message = "service 'a' has both image and build: say with pull_policy which one is meant";
  reports(buildAndImage, 'services: {a: {image: b, «build»: .}}\n', message);
  reports(buildAndImage, 'services: {a: {image: b, build: ., pull_policy: build}}\n');
  fixes(
    buildAndImage,
    'services:\n  a:\n    image: b\n    build: .\n',
    'services:\n  a:\n    image: b\n    pull_policy: build\n    build: .\n',
  );
  reports(projectName, '«services»: {}\n', "the top-level 'name' is missing: the project is named after its folder");
  reports(
    projectName,
    '«»# first line\nservices: {}\n',
    "the top-level 'name' is missing: the project is named after its folder",
  );
  reports(projectName, 'name: x\nservices: {}\n');
});
