/** Fixes that rules get from the tables: what becomes of a text when the last fix of a rule's first problem is made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { readCompose } from '../compose/document.ts';
import { readDockerfile } from '../dockerfile/document.ts';
import { memoryFiles } from '../files.ts';
import { COMPOSE_RULES } from './compose/compose-rules.ts';
import { DOCKERFILE_RULES } from './dockerfile-rules.ts';
import type { Rule } from '#model/rules/rule.ts';

function fixed<D>(rules: readonly Rule<D>[], document: D, text: string, id: string): string {
  const rule = rules.find((one) => one.id === id);
  assert.ok(rule, id);
  const [problem] = rule.check(document);
  assert.ok(problem, `${id} finds nothing in ${text}`);
  return applyEdits(text, problem.fixes?.at(-1)?.edits ?? []);
}

function source(path: string, text: string) {
  return { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles({}) };
}

const DOCKERFILES: readonly (readonly [id: string, before: string, after: string])[] = [
  ['DL3000', 'FROM a\nWORKDIR /b\nWORKDIR c', 'FROM a\nWORKDIR /b\nWORKDIR /b/c'],
  ['DL3002', 'FROM a\nUSER root', 'FROM a\nUSER nobody'],
  ['DL3003', 'FROM a\nRUN cd /b && make', 'FROM a\nWORKDIR /b\nRUN make'],
  ['DL3003', 'FROM a\nRUN x && cd /b', 'FROM a\nRUN x && cd /b'],
  ['DL3008', 'FROM a\nRUN apt-get install curl', 'FROM a\nARG CURL_VERSION\nRUN apt-get install curl=${CURL_VERSION}'],
  ['DL3062', 'FROM a\nRUN go install b.c/d@latest', 'FROM a\nARG D_VERSION\nRUN go install b.c/d@${D_VERSION}'],
  ['DL3009', 'FROM a\nRUN apt-get update', 'FROM a\nRUN apt-get update && rm -rf /var/lib/apt/lists/*'],
  ['DL3010', 'FROM a\nCOPY b.tar /\nRUN tar xf /b.tar', 'FROM a\nADD b.tar /\nRUN tar xf /b.tar'],
  ['DL3022', 'FROM a AS build\nFROM b\nCOPY --from=biuld x /', 'FROM a AS build\nFROM b\nCOPY --from=build x /'],
  ['DL3025', 'FROM a\nSHELL ["b"]\nCMD run --it', 'FROM a\nSHELL ["b"]\nCMD ["run", "--it"]'],
  ['DL3029', 'FROM --platform=$X a', 'FROM a'],
  ['DL3035', 'FROM a\nRUN zypper -n dup', 'FROM a\nRUN zypper -n update'],
  ['DL3044', 'FROM a\nENV A=1 B=$A', 'FROM a\nENV A=1\nENV B=$A'],
  ['DL3045', 'FROM a\nCOPY b c', 'FROM a\nCOPY b /c'],
  ['DL3045', 'FROM a\nCOPY b .', 'FROM a\nWORKDIR /app\nCOPY b .'],
  ['DL3051', 'FROM a\nLABEL org.opencontainers.image.title="" c=1', 'FROM a\nLABEL c=1'],
  ['DL3051', 'FROM a\nLABEL b=1 org.opencontainers.image.title=""', 'FROM a\nLABEL b=1'],
  ['DL3051', 'FROM a\nLABEL org.opencontainers.image.title=""\nRUN c', 'FROM a\nRUN c'],
  ['DL3048', 'FROM a\nLABEL My..Key_=1', 'FROM a\nLABEL my.key=1'],
  ['DL3057', 'FROM a\nRUN b', 'FROM a\nRUN b\nHEALTHCHECK NONE'],
  ['DL3059', 'FROM a\nRUN b\nRUN c', 'FROM a\nRUN b && \\\n    c'],
  ['DL3059', 'FROM a\nRUN b\n# why\nRUN c', 'FROM a\nRUN b\n# why\nRUN c'],
  ['DL3066', 'FROM a\nUSER root', 'FROM a\nUSER 0'],
  ['DL3066', 'FROM node:22\nUSER node', 'FROM node:22\nUSER 1000'],
  ['DL3066', 'FROM a\nRUN useradd -m -u 1234 me\nUSER me:me', 'FROM a\nRUN useradd -m -u 1234 me\nUSER 1234:1234'],
  ['DL3066', 'FROM a\nRUN useradd me\nUSER me', 'FROM a\nRUN useradd me\nUSER me'],
  ['DL4005', 'FROM a\nRUN ln -sf /bin/bash /bin/sh', 'FROM a\nSHELL ["/bin/bash", "-c"]'],
  ['ArgumentCount', 'FROM a b', 'FROM a AS b'],
  ['ArgumentCount', 'FROM a SA b', 'FROM a AS b'],
  ['ArgumentCount', 'FROM a AS b  c d\nRUN e', 'FROM a AS b\nRUN e'],
  ['InvalidHealthcheck', 'FROM a\nHEALTHCHECK NONE b', 'FROM a\nHEALTHCHECK NONE'],
  ['DuplicateStageName', 'FROM a AS b\nFROM a AS b', 'FROM a AS b\nFROM a AS b-2'],
  ['InvalidHealthcheck', 'FROM a\nHEALTHCHECK --timeout=3 CMD b', 'FROM a\nHEALTHCHECK --timeout=3s CMD b'],
  ['InvalidStageName', 'FROM a AS 1b!', 'FROM a AS b-'],
  ['MalformedJson', "FROM a\nRUN ['b', 'c']", 'FROM a\nRUN ["b", "c"]'],
  ['MissingEquals', 'FROM a\nENV b=1 c', 'FROM a\nENV b=1 c='],
  ['OnbuildTrigger', 'FROM a\nONBUILD ONBUILD RUN b', 'FROM a\nONBUILD RUN b'],
  ['OnbuildTrigger', 'FROM a\nONBUILD FROM b\nRUN c', 'FROM a\nRUN c'],
  ['InvalidDirective', '# escape=/\nFROM a', '# escape=\\\nFROM a'],
  ['ReservedStageName', 'FROM a AS scratch', 'FROM a AS scratch-stage'],
  ['SecretsUsedInArgOrEnv', 'FROM a\nENV TOKEN=1\nRUN b', 'FROM a\nRUN b'],
  ['WorkdirRelativePath', 'FROM a\nWORKDIR b', 'FROM a\nWORKDIR /b'],
];

test('Dockerfiles', () => {
  for (const [id, before, after] of DOCKERFILES) {
    const document = readDockerfile(source('/project/Dockerfile', before));
    assert.equal(fixed(DOCKERFILE_RULES, document, before, id), after, id);
  }
});

const service = (lines: string): string => `services:\n  a:\n    image: x:1\n${lines}`;

const COMPOSE_FILES: readonly (readonly [id: string, before: string, after: string])[] = [
  ['unused-definition', `${service('')}volumes:\n  b:\n  c:\n`, `${service('')}volumes:\n  c:\n`],
  ['unused-definition', `${service('')}volumes: {b: , c: }\n`, `${service('')}volumes: {c: }\n`],
  ['unused-definition', `${service('')}volumes:\n  b:\n`, service('')],
  ['undefined-secret', service('    secrets: [b]\n'), service('')],
  ['undefined-secret', 'services: {a: {secrets: [b]}}\n', 'services: {a: {secrets: [b]}}\n'],
  ['repeated-item', service('    cap_add: [B, C, B]\n'), service('    cap_add: [B, C]\n')],
  ['invalid-duration', service('    stop_grace_period: "30"\n'), service('    stop_grace_period: 30s\n')],
  ['invalid-pull-policy', service('    pull_policy: alway\n'), service('    pull_policy: always\n')],
  [
    'service-ports-alphabetical-order',
    service('    ports: ["81:81", "80:80"]\n'),
    service('    ports: ["80:80", "81:81"]\n'),
  ],
  ['duplicate-key', service('    tty: true\n    tty: false\n'), service('    tty: true\n')],
  ['negative-count', service('    scale: -1\n'), service('    scale: 1\n')],
  ['invalid-container-name', service('    container_name: a b\n'), service('    container_name: a-b\n')],
  [
    'plain-secret',
    service('    environment:\n      TOKEN: abc\n'),
    service('    environment:\n      TOKEN: ${TOKEN}\n'),
  ],
  ['require-project-name-field', service(''), `name: project\n${service('')}`],
  ['no-image-or-build', 'services:\n  a: {}\n', 'services:\n  a: {build: .}\n'],
  ['no-image-or-build', 'services:\n  a:\n    tty: true\n', 'services:\n  a:\n    build: .\n    tty: true\n'],
];

test('Compose files', () => {
  for (const [id, before, after] of COMPOSE_FILES) {
    const document = readCompose(source('/project/compose.yaml', before));
    assert.equal(fixed(COMPOSE_RULES, document, before, id), after, id);
  }
});

test('other tools’ names of a rule stay beside those of a single problem', () => {
  const text = 'FROM a\nCMD ["b"]\nCMD ["c"]\n';
  const rule = DOCKERFILE_RULES.find(({ id }) => id === 'MultipleInstructionsDisallowed');
  const [problem] = rule?.check(readDockerfile(source('/project/Dockerfile', text))) ?? [];
  assert.deepEqual(problem?.aliases, ['DL4003', 'MULTIPLE_INSTRUCTIONS']);
});
