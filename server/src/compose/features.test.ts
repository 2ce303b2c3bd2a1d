/** Hover, definition, occurrences, rename, symbols, links, tokens, formatting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { complete } from './completion.ts';
import { composeAt } from './document-check.ts';
import { folding } from './folding.ts';
import { format } from './format.ts';
import { hints } from './hints.ts';
import { hover } from './hover.ts';
import { imageAt } from './image-at.ts';
import { COMPOSE } from './language.ts';
import { lenses } from './lenses.ts';
import { links } from './links.ts';
import { definition, occurrences } from './names.ts';
import { prepareRename, rename } from './rename.ts';
import { selection } from './selection.ts';
import { symbols } from './symbols.ts';
import { tokens } from './tokens.ts';

function hoverAt(marked: string, files?: Record<string, string>): string | undefined {
  const { document, offset } = composeAt(marked, files);
  return hover(document, offset)?.markdown;
}

function definitionsAt(marked: string, files?: Record<string, string>): string[] {
  const { document, offset } = composeAt(marked, files);
  return definition(document, offset).map(
    ({ uri, text, span }) => `${uri.replace('file:///project/', '')}:${createLineIndex(text).lineAt(span.start)}`,
  );
}

/** The edits of each file, applied. */
function renamed(marked: string, name: string, files: Record<string, string> = {}): Record<string, string> {
  const { document, offset } = composeAt(marked, files);
  const texts: Record<string, string> = { 'compose.yaml': document.text };
  for (const [path, text] of Object.entries(files)) texts[path.replace('/project/', '')] = text;
  const byFile = Object.groupBy(rename(document, offset, name), ({ uri }) => uri.replace('file:///project/', ''));
  for (const [file, edits = []] of Object.entries(byFile)) {
    const sorted = edits.map(({ span, newText }) => ({ span, text: newText }));
    texts[file] = applyEdits(texts[file] ?? '', sorted);
  }
  return texts;
}

test('hover on keys, images, names and variables', () => {
  assert.match(hoverAt('services:\n  web:\n    stop_gr|ace_period: 1s') ?? '', /Time to stop/);
  assert.match(hoverAt('services:\n  web:\n    image: ghcr.io/a/b|:1') ?? '', /ghcr\.io/);
  assert.match(hoverAt('services:\n  a:\n    depends_on: [d|b]\n  db:\n    image: x') ?? '', /service `db`.*image: x/s);
  const env = { '/project/.env': 'TAG=1.2\n' };
  assert.match(hoverAt('services:\n  a:\n    image: x:${T|AG}', env) ?? '', /`1\.2`, from `\.env`/);
  assert.match(hoverAt('services:\n  a:\n    image: x:${T|AG:-3}') ?? '', /`3`, the default/);
  assert.match(hoverAt('services:\n  a:\n    image: x:$T|AG') ?? '', /blank/);
  assert.equal(hoverAt('services:\n  we|b:\n    x-y: 1'), undefined);
});

test('hover on anchors, and on a service of another file', () => {
  assert.match(
    hoverAt('x: &an|ch\n  a: 1\n  b: [2]\ny: 3') ?? '',
    /anchor `anch`.*yaml\nx: &anch\n {2}a: 1\n {2}b: \[2\]\n```/s,
  );
  assert.match(hoverAt('x: [&one {a: 1}, b]\ny: {<<: *o|ne}') ?? '', /yaml\nx: \[&one \{a: 1\}\n```/);
  assert.match(hoverAt('x: &nothing|\n') ?? '', /x: &nothing/);
  const files = { '/project/base.yaml': 'services:\n  b:\n    image: i\n' };
  const extending = 'services: {a: {extends: {file: base.yaml, service: b|}}}';
  assert.match(hoverAt(extending, files) ?? '', /service `b` of base\.yaml.*image: i/s);
  assert.deepEqual(definitionsAt(extending, files), ['base.yaml:1']);
  assert.deepEqual(definitionsAt(extending), []);
});

test('hints of what the extended service has otherwise', () => {
  const labels = (extending: string, files?: Record<string, string>) =>
    hints(
      composeAt(
        `services:\n  a: {image: i, restart: always}\n  b:\n    extends: ${extending}\n    image: i\n    restart: "no"\n`,
        files,
      ).document,
    ).map(({ label }) => label);
  assert.deepEqual(labels('a'), ['instead of always']);
  assert.deepEqual(labels('{service: a}'), ['instead of always']);
  const files = { '/project/base.yaml': 'services: {c: {image: old}}' };
  assert.deepEqual(labels('{file: base.yaml, service: c}', files), ['instead of old']);
  assert.deepEqual(labels('nobody'), []);
});

test('definitions, in other files too', () => {
  assert.deepEqual(definitionsAt('services:\n  a:\n    networks: [n|et]\nnetworks:\n  net:\n'), ['compose.yaml:4']);
  const files = {
    '/project/compose.override.yaml': 'services:\n  db:\n    image: x\n',
    '/project/.env': '# c\nTAG=1\n',
    '/project/a.env': '',
  };
  assert.deepEqual(definitionsAt('services:\n  a:\n    depends_on: [d|b]\n', files), ['compose.override.yaml:1']);
  assert.deepEqual(definitionsAt('services:\n  a:\n    image: x:$T|AG\n', files), ['.env:1']);
  assert.deepEqual(definitionsAt('services:\n  a:\n    env_file: a.e|nv\n', files), ['a.env:0']);
  assert.deepEqual(definitionsAt('x-a: &a {}\nservices:\n  b: *|a\n'), ['compose.yaml:0']);
});

test('occurrences of names, anchors and variables', () => {
  const count = (marked: string): number => {
    const { document, offset } = composeAt(marked);
    return occurrences(document, offset).length;
  };
  assert.equal(count('services:\n  a: {depends_on: [db], links: ["db:x"]}\n  d|b: {image: i}\n'), 3);
  assert.equal(count('x-a: &a|n {}\nb: *an\nc: *an\n'), 3);
  assert.equal(count('services: {a: {image: "$T", command: "${T|:-1} $U"}}\n'), 2);
});

test('a build target is a stage of a Dockerfile: definition, references and rename go there', () => {
  const files = {
    '/project/Dockerfile': 'FROM a AS base\nFROM base AS x\nCOPY --from=base a b\n',
    '/project/.devcontainer/devcontainer.json': '{"build": {"dockerfile": "../Dockerfile", "target": "base"}}',
  };
  const text = 'services:\n  a: {build: {context: ., target: ba|se}}\n  b: {build: {context: ., target: base}}\n';
  assert.deepEqual(definitionsAt(text, files), ['Dockerfile:0']);
  const result = renamed(text, 'tools', files);
  assert.equal(result['Dockerfile'], files['/project/Dockerfile'].replaceAll('base', 'tools'));
  assert.equal(result['compose.yaml'], text.replace('|', '').replaceAll('base', 'tools'));
  assert.match(result['.devcontainer/devcontainer.json'] ?? '', /"target": "tools"/);
});

test('renaming in all files of the project', () => {
  const files = { '/project/compose.override.yaml': 'services:\n  db:\n    image: x\n  c:\n    depends_on: [db]\n' };
  const texts = renamed(
    'services:\n  a:\n    depends_on:\n      d|b: {condition: service_started}\n    network_mode: "service:db"\n',
    'store',
    files,
  );
  assert.equal(
    texts['compose.yaml'],
    'services:\n  a:\n    depends_on:\n      store: {condition: service_started}\n    network_mode: "service:store"\n',
  );
  assert.equal(texts['compose.override.yaml'], 'services:\n  store:\n    image: x\n  c:\n    depends_on: [store]\n');
  assert.equal(renamed('x: &a {}\ny: *|a\n', 'b')['compose.yaml'], 'x: &b {}\ny: *b\n');
  assert.equal(
    renamed('services: {a: {volumes: ["da|ta:/x"]}}\nvolumes: {data: }\n', 'd')['compose.yaml'],
    'services: {a: {volumes: ["d:/x"]}}\nvolumes: {d: }\n',
  );
});

test('variables and plain values are not renamed', () => {
  const prepared = (marked: string): unknown => {
    const { document, offset } = composeAt(marked);
    return prepareRename(document, offset);
  };
  assert.equal(prepared('services: {a: {image: "$T|"}}'), undefined);
  assert.equal(prepared('services: {a: {ima|ge: x}}'), undefined);
});

test('symbols', () => {
  const { document } = composeAt('name: x\nservices:\n  web:\n    image: nginx\n    ports: []\nvolumes:\n  data:\n');
  assert.deepEqual(
    symbols(document).map(({ name, detail, children }) => [
      name,
      detail,
      children.map((one) => [one.name, one.detail, one.children.length]),
    ]),
    [
      ['name', 'x', []],
      ['services', '', [['web', 'nginx', 2]]],
      ['volumes', '', [['data', '', 0]]],
    ],
  );
});

test('links', () => {
  const files = { '/project/a.env': '', '/project/Dockerfile': '' };
  const text =
    'services: {a: {image: nginx, env_file: a.env, build: {dockerfile: Dockerfile}}, b: {image: "r.example/x"}}\n';
  assert.deepEqual(
    links(composeAt(text, files).document).map(({ target }) => target),
    ['https://hub.docker.com/_/nginx', 'file:///project/a.env', 'file:///project/Dockerfile'],
  );
});

test('links of models; one link for what aliases bring, inside of quotes', () => {
  const files = { '/project/a.env': '' };
  const linked = (text: string): string[] => {
    const { document } = composeAt(text, files);
    return links(document).map(({ span, target }) => `${document.text.slice(span.start, span.end)} ${target}`);
  };
  assert.deepEqual(linked('models: {a: {model: "ai/qwen:1"}, b: {model: hf.co/c/d:Q4}, e: {model: $E}}'), [
    'ai/qwen:1 https://hub.docker.com/r/ai/qwen',
    'hf.co/c/d:Q4 https://huggingface.co/c/d',
  ]);
  assert.deepEqual(
    linked(
      'services:\n  a: &a\n    image: &i "nginx"\n    env_file: a.env\n  b:\n    <<: *a\n    image: *i\n  c: *a\n',
    ),
    ['nginx https://hub.docker.com/_/nginx', 'a.env file:///project/a.env'],
  );
});

test('a build leads to the Dockerfile in its context, unless it names another', () => {
  const files = { '/project/api/Dockerfile': '', '/project/api/Other': '' };
  const targets = (build: string) =>
    links(composeAt(`services: {a: {build: ${build}}}`, files).document).map(({ target }) => target);
  assert.deepEqual(targets('api'), ['file:///project/api/Dockerfile']);
  assert.deepEqual(targets('{context: ./api}'), ['file:///project/api/Dockerfile']);
  assert.deepEqual(targets('{context: api, dockerfile: Other}'), ['file:///project/api/Other']);
  assert.deepEqual(targets('nowhere'), []);
});

test('tokens and formatting', () => {
  const { document } = composeAt('a: $X  \nb: |-\n  y  \nc: 1');
  assert.deepEqual(
    tokens(document).map(({ span }) => document.text.slice(span.start, span.end)),
    ['X'],
  );
});

test('formatting trims lines, but not text over several lines', () => {
  const formatted = (text: string): string => applyEdits(text, format(composeAt(text).document));
  assert.equal(formatted('a: 1  \nc: 2'), 'a: 1\nc: 2\n');
  assert.equal(formatted('a: >\n  x  \n  y\nb: 1 \n'), 'a: >\n  x  \n  y\nb: 1\n');
  assert.equal(formatted('a: [1  \n'), 'a: [1  \n', 'no formatting of what is no YAML');
});

test('no feature throws, whatever the text is and wherever the caret', () => {
  const pieces = fc.constantFrom(
    'services:\n',
    '  web:\n',
    '    depends_on: [',
    'image: ',
    '${X',
    ':-',
    '}',
    '*a',
    '&a ',
    '- ',
    '\n',
    '    ',
    '"',
    ']',
    'volumes:\n',
    '<<: ',
    '#',
    '    ports: ["80:80", ',
    '    environment: {A_TOKEN: x}\n',
    '    volumes: [a:b:c, ',
    'version: 3\n',
    '!reset ',
  );
  fc.assert(
    fc.property(fc.array(pieces), fc.nat(), (parts, n) => {
      const text = parts.join('');
      const { document } = composeAt(text);
      const offset = n % (text.length + 1);
      complete(document, offset);
      hover(document, offset);
      definition(document, offset);
      rename(document, offset, 'n');
      for (const whole of [symbols, links, tokens, format]) whole(document);
      for (const { span } of COMPOSE.diagnose(document, DEFAULT_SETTINGS)) {
        assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
      }
    }),
    { numRuns: 400 },
  );
});

test('folding: mappings, lists, texts and comments', () => {
  const { document } = composeAt(
    '# a\n# b\nservices:\n  web:\n    image: x\n    command:\n      - a\n      - b\nx-t: |\n  c\n  d\n',
  );
  assert.deepEqual(
    folding(document).map(({ startLine, endLine, comment }) => [startLine, endLine, comment]),
    [
      [2, 7, false],
      [3, 7, false],
      [5, 7, false],
      [8, 10, false],
      [0, 1, true],
    ],
  );
});

test('selections grow from the word to the file', () => {
  const { document, offset } = composeAt('services:\n  web:\n    image: "no|de:22"\n');
  assert.deepEqual(
    selection(document, offset).map(({ start, end }) => document.text.slice(start, end)),
    [
      'node',
      'node:22',
      '"node:22"',
      'image: "node:22"',
      'web:\n    image: "node:22"',
      'services:\n  web:\n    image: "node:22"',
      'services:\n  web:\n    image: "node:22"\n',
    ],
  );
});

test('hints from .env, lenses on services, names of images', () => {
  const { document } = composeAt('services:\n  web: {image: "a:${TAG}"}\n  db: {image: "$OTHER"}\n', {
    '/project/.env': 'TAG=1.2\n',
  });
  assert.deepEqual(
    hints(document).map(({ label }) => label),
    ['= 1.2'],
  );
  assert.deepEqual(
    lenses(document).map(({ command, arguments: args }) => [command, ...args.slice(1)]),
    [['slipway.composeUp'], ['slipway.composeUp', 'web'], ['slipway.composeUp', 'db']],
  );
  const query = (marked: string) => {
    const { document: own, offset } = composeAt(marked);
    return imageAt(own, offset);
  };
  assert.deepEqual(query('services:\n  web:\n    image: node:2|2'), { prefix: 'node:2', span: { start: 33, end: 35 } });
  assert.equal(query('services:\n  web:\n    user: no|de'), undefined);
});

test('a file that is no YAML has no other findings, and nothing in it is moved', () => {
  const rules = (text: string): string[] =>
    COMPOSE.diagnose(composeAt(text).document, DEFAULT_SETTINGS).map(({ rule }) => rule);
  assert.deepEqual(rules('services:\n  web:\n    image: a\n   ports: 1\n'), ['invalid-yaml']);
  assert.deepEqual(rules('services:\n  web: [unclosed\n'), ['invalid-yaml']);
  assert.deepEqual(rules('name: x\nservices:\n  web:\n    image: a\n    image: b:1\n'), [
    'service-image-require-explicit-tag',
    'duplicate-key',
  ]);
});
