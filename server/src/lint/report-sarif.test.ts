/** What the SARIF 2.1.0 standard asks of the objects that we write (sections 3.13 to 3.50): closed objects, required properties, enumerations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { DISK } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { RULES } from '../rules/rules.ts';
import { readSettings } from '../settings.ts';
import { lintText } from './lint-file.ts';
import { sarifReport } from './report-sarif.ts';

const fromOne = v.pipe(v.number(), v.integer(), v.minValue(1));
const level = v.picklist(['none', 'note', 'warning', 'error']);
const message = v.strictObject({ text: v.string() });
const bag = v.record(v.string(), v.unknown());
const rule = v.strictObject({
  id: v.string(),
  shortDescription: message,
  defaultConfiguration: v.strictObject({ level, enabled: v.boolean() }),
  properties: bag,
});
/** RFC 3986: no blanks, and nothing before the first slash that reads as a scheme, unless it is one. */
const uriReference = v.pipe(v.string(), v.regex(/^(?:file:\/\/\/)?[\w.~!$&'()*+;=@%/-]+$/));
const result = v.strictObject({
  ruleId: v.string(),
  ruleIndex: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  level,
  message,
  locations: v.array(
    v.strictObject({
      physicalLocation: v.strictObject({
        artifactLocation: v.strictObject({ uri: uriReference }),
        region: v.strictObject({ startLine: fromOne, startColumn: fromOne, endLine: fromOne, endColumn: fromOne }),
      }),
    }),
  ),
});
const log = v.strictObject({
  $schema: v.pipe(v.string(), v.url()),
  version: v.literal('2.1.0'),
  runs: v.array(
    v.strictObject({
      tool: v.strictObject({
        driver: v.strictObject({ name: v.string(), rules: v.array(rule) }),
      }),
      columnKind: v.picklist(['utf16CodeUnits', 'unicodeCodePoints']),
      results: v.array(result),
    }),
  ),
});

test('a log of files with odd names is what the standard asks for', () => {
  const [language] = LANGUAGES;
  assert.ok(language !== undefined);
  const linted = ['a b/100%/Dockerfile', 'd:e#f?/Dockerfile', '/srv/ä/Dockerfile'].map((name) =>
    lintText({
      name,
      text: 'from scratch AS Foo\nRUNN x\nENV a b',
      language,
      settings: readSettings({}),
      files: DISK,
      build: { args: {}, target: undefined },
      config: { text: undefined, environment: {} },
      ruleFailed: (id, error) => assert.fail(`${id}: ${String(error)}`),
    }),
  );
  const { runs } = v.parse(log, JSON.parse(sarifReport(linted, RULES)));
  const ids = runs.flatMap(({ tool }) => tool.driver.rules.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length, 'no rule twice');
  const results = runs.flatMap((run) => run.results);
  const uris = results.flatMap(({ locations }) => locations.map((one) => one.physicalLocation.artifactLocation.uri));
  assert.deepEqual(
    [...new Set(uris)],
    ['a%20b/100%25/Dockerfile', 'd%3Ae%23f%3F/Dockerfile', 'file:///srv/%C3%A4/Dockerfile'],
  );
  for (const { ruleId, ruleIndex } of results) assert.equal(runs[0]?.tool.driver.rules[ruleIndex ?? -1]?.id, ruleId);
});
