/** The language server as a process, spoken to over stdio as an editor does. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CodeAction, DocumentDiagnosticReport } from 'vscode-languageserver/node';
import { startLanguageClient } from '../support/language-client.ts';

const URI = 'file:///project/Dockerfile';

test('open, see a problem, fix it by its quick fix, see it go', async () => {
  await using client = await startLanguageClient({});
  assert.deepEqual(client.initialized.serverInfo, { name: 'slipway' });
  await client.open(URI, 'dockerfile', 'FROM scratch AS Foo\nCMD ["a"]\n');
  const { diagnostics } = await client.nextDiagnostics(URI);
  assert.deepEqual(
    diagnostics.map(({ code, severity, range, source }) => ({ code, severity, range, source })),
    [
      {
        code: 'StageNameCasing',
        severity: 2,
        range: { start: { line: 0, character: 16 }, end: { line: 0, character: 19 } },
        source: 'slipway',
      },
    ],
  );
  const [diagnostic] = diagnostics;
  assert.ok(diagnostic?.codeDescription);
  assert.ok(existsSync(fileURLToPath(diagnostic.codeDescription.href)), 'the rule has its page');

  const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri: URI },
    range: diagnostic.range,
    context: { diagnostics },
  });
  const titles = actions.map(({ title }) => title);
  assert.deepEqual(titles, ["Rename to 'foo'", 'Ignore StageNameCasing here', 'Fix all that can be fixed safely']);
  const [edit] = actions[0]?.edit?.changes?.[URI] ?? [];
  assert.ok(edit);
  await client.change(URI, 2, [{ range: edit.range, text: edit.newText }]);
  const cleared = await client.nextDiagnostics(URI);
  assert.deepEqual([cleared.version, cleared.diagnostics], [2, []]);
});

test('a client that pulls diagnostics gets them on request, and none pushed', async () => {
  await using client = await startLanguageClient({ textDocument: { diagnostic: {} } });
  assert.ok(client.initialized.capabilities.diagnosticProvider);
  await client.open(URI, 'dockerfile', 'FROM scratch\nMAINTAINER me\n');
  const report = await client.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
    textDocument: { uri: URI },
  });
  assert.ok(report.kind === 'full');
  assert.deepEqual(
    report.items.map(({ code, tags }) => [code, tags]),
    [['MaintainerDeprecated', [2]]],
  );
});

test('fast typing gives diagnostics of the last version only', async () => {
  await using client = await startLanguageClient({});
  await client.open(URI, 'dockerfile', 'FROM scratch\n');
  assert.deepEqual((await client.nextDiagnostics(URI)).diagnostics, []);
  for (let version = 2; version < 30; version++)
    await client.change(URI, version, [{ text: `FROM a AS A${version}\n` }]);
  const { version, diagnostics } = await client.nextDiagnostics(URI);
  assert.equal(version, 29);
  assert.equal(
    diagnostics.find(({ code }) => code === 'StageNameCasing')?.message,
    "Stage name 'A29' should be lowercase",
  );
});
