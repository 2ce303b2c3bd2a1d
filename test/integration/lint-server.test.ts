/** The language server as a process, spoken to over stdio as an editor does. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type {
  CodeAction,
  CompletionItem,
  DocumentDiagnosticReport,
  Hover,
  SignatureHelp,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
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
  assert.deepEqual(titles, [
    "Rename to 'foo'",
    'Ignore StageNameCasing here',
    'Ignore StageNameCasing in this file',
    'Fix all that can be fixed safely',
  ]);
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

test('settings, pushed by the client, change severities', async () => {
  await using client = await startLanguageClient({});
  await client.open(URI, 'dockerfile', 'FROM scratch AS Foo\n');
  assert.equal((await client.nextDiagnostics(URI)).diagnostics[0]?.severity, 2);
  const settings = { slipway: { lint: { rules: { StageNameCasing: 'off' } } } };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  assert.deepEqual((await client.nextDiagnostics(URI)).diagnostics, []);
});

test('a Compose file: diagnostics, completion, hover, rename, and other files of the project', async () => {
  await using client = await startLanguageClient({
    textDocument: { completion: { completionItem: { snippetSupport: true } } },
  });
  const base = 'file:///project/compose.yaml';
  const override = 'file:///project/compose.override.yaml';
  const ask = <T>(method: string, line: number, character: number, more: object = {}): Promise<T> =>
    client.connection.sendRequest<T>(method, { textDocument: { uri: base }, position: { line, character }, ...more });
  await client.open(base, 'dockercompose', 'services:\n  web:\n    image: a:1\n    networks: [net]\n    \n');
  const messages = async (): Promise<string[]> =>
    (await client.nextDiagnostics(base)).diagnostics
      .map(({ message }) => String(message))
      .filter((message) => !message.includes("'name' is missing"));
  assert.deepEqual(await messages(), ['service "web" refers to undefined network net']);

  // The editor shows an override file that is not on disk: it counts.
  await client.open(override, 'yaml', 'networks:\n  net:\n');
  assert.deepEqual(await messages(), []);

  const items = await ask<CompletionItem[]>('textDocument/completion', 4, 4);
  assert.ok(items.some(({ label, insertTextFormat }) => label === 'ports' && insertTextFormat === 2));
  const hover = await ask<Hover>('textDocument/hover', 2, 6);
  assert.match(JSON.stringify(hover.contents), /Image to start/);
  const edit = await ask<WorkspaceEdit>('textDocument/rename', 3, 16, { newName: 'front' });
  assert.deepEqual(Object.keys(edit.changes ?? {}).toSorted(), [override, base].toSorted());
});

test('every other request of an editor is answered', async () => {
  await using client = await startLanguageClient({
    textDocument: { documentSymbol: { hierarchicalDocumentSymbolSupport: true } },
  });
  await client.open(URI, 'dockerfile', 'ARG V=1\nFROM debian:$V AS base\nFROM base\nCOPY --from=base a b\n  RUN x\n');
  const textDocument = { uri: URI };
  const position = { line: 3, character: 13 };
  const options = { tabSize: 2, insertSpaces: true };
  const answers = await Promise.all([
    client.connection.sendRequest('textDocument/definition', { textDocument, position }),
    client.connection.sendRequest('textDocument/references', {
      textDocument,
      position,
      context: { includeDeclaration: false },
    }),
    client.connection.sendRequest('textDocument/documentHighlight', { textDocument, position }),
    client.connection.sendRequest('textDocument/prepareRename', { textDocument, position }),
    client.connection.sendRequest('textDocument/signatureHelp', { textDocument, position: { line: 3, character: 18 } }),
    client.connection.sendRequest('textDocument/documentSymbol', { textDocument }),
    client.connection.sendRequest('textDocument/foldingRange', { textDocument }),
    client.connection.sendRequest('textDocument/documentLink', { textDocument }),
    client.connection.sendRequest('textDocument/formatting', { textDocument, options }),
    client.connection.sendRequest('textDocument/semanticTokens/full', { textDocument }),
  ]);
  const sizes = answers.map((answer) => (Array.isArray(answer) ? answer.length : Object.keys(answer ?? {}).length));
  assert.deepEqual(sizes, [1, 2, 3, 2, 3, 3, 1, 0, 1, 2]);
});

test('signature help is formatted as the client can show it', async () => {
  for (const [documentationFormat, kind] of [
    [undefined, 'markdown'],
    [['plaintext'], 'plaintext'],
  ] as const) {
    const signatureInformation =
      documentationFormat === undefined ? {} : { documentationFormat: [...documentationFormat] };
    await using client = await startLanguageClient({ textDocument: { signatureHelp: { signatureInformation } } });
    await client.open(URI, 'dockerfile', 'FROM \n');
    const help: SignatureHelp | null = await client.connection.sendRequest('textDocument/signatureHelp', {
      textDocument: { uri: URI },
      position: { line: 0, character: 5 },
    });
    assert.partialDeepStrictEqual(help?.signatures[0]?.documentation, { kind });
  }
});

test('documents of other languages, and requests about unknown ones, are left alone', async () => {
  await using client = await startLanguageClient({});
  await client.open('file:///project/values.yaml', 'yaml', 'services: 1\n');
  const hover = await client.connection.sendRequest('textDocument/hover', {
    textDocument: { uri: 'file:///project/values.yaml' },
    position: { line: 0, character: 1 },
  });
  assert.equal(hover, null);
});
