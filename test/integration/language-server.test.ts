/** The language server's process and its protocol: transports, encodings, cancellation, folders, ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  type CodeAction,
  type CompletionItem,
  type CompletionList,
  type DocumentDiagnosticReport,
  type Hover,
  LSPErrorCodes,
  ProgressType,
  type RelatedFullDocumentDiagnosticReport,
  type SemanticTokens,
  type SemanticTokensDelta,
  type SymbolInformation,
  type TextEdit,
  WorkDoneProgress,
  type WorkspaceDiagnosticReport,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { buildAll } from '../../tools/build.ts';
import { startLanguageClient } from '../support/language-client.ts';

const root = path.resolve(import.meta.dirname, '../..');
const URI = 'file:///project/Dockerfile';
const PULL = { textDocument: { diagnostic: {} } };

/** A folder with these files; gone when the test ends. */
function folderWith(files: Readonly<Record<string, string>>): { readonly uri: (name?: string) => string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-language-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return {
    uri: (name = '') => pathToFileURL(path.join(folder, name)).href,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

for (const transport of ['node-ipc', 'socket'] as const) {
  test(`over ${transport}`, async () => {
    await using client = await startLanguageClient({}, { transport });
    await client.open(URI, 'dockerfile', 'FROM scratch AS Foo\n');
    assert.equal((await client.nextDiagnostics(URI)).diagnostics[0]?.code, 'StageNameCasing');
  });
}

test('the built command `slipway language-server`, small and with pages of its rules', async () => {
  await buildAll();
  assert.ok(statSync(path.join(root, 'dist/server/server.cjs')).size < 1_200_000);
  const server = path.join(root, 'dist/slipway');
  await using client = await startLanguageClient({}, { server, args: ['language-server'] });
  await client.open(URI, 'dockerfile', 'FROM scratch AS Foo\n');
  const [diagnostic] = (await client.nextDiagnostics(URI)).diagnostics;
  assert.ok(existsSync(fileURLToPath(diagnostic?.codeDescription?.href ?? '')));
});

test('positions are counted as the client wants', async () => {
  for (const [encoding, character] of [
    ['utf-8', 12],
    ['utf-16', 9],
    ['utf-32', 8],
  ] as const) {
    await using client = await startLanguageClient({ general: { positionEncodings: [encoding, 'utf-16'] } });
    assert.equal(client.initialized.capabilities.positionEncoding, encoding);
    await client.open(URI, 'dockerfile', 'FROM a\nENV é=😀 B=1\nRUN echo $B\n');
    const found = await client.ask<{ range: object }[]>('textDocument/definition', URI, {
      position: { line: 2, character: 10 },
    });
    const start = { line: 1, character };
    assert.deepEqual(found[0]?.range, { start, end: { line: 1, character: character + 1 } });
  }
});

test('what has not changed is not sent again; the workspace is looked at whole', async () => {
  using folder = folderWith({ Dockerfile: 'FROM a AS X\n', 'compose.yaml': 'services:\n  a: {}\n', other: '' });
  await using client = await startLanguageClient(PULL, { folders: [folder.uri()] });
  const uri = folder.uri('Dockerfile');
  await client.open(uri, 'dockerfile', 'FROM a AS Y\n');
  const first = await client.ask<DocumentDiagnosticReport>('textDocument/diagnostic', uri);
  assert.equal(first.kind, 'full');
  const again = { previousResultId: first.resultId };
  assert.equal((await client.ask<DocumentDiagnosticReport>('textDocument/diagnostic', uri, again)).kind, 'unchanged');
  await client.change(uri, 2, [{ text: 'FROM a AS Zed\n' }]);
  assert.equal((await client.ask<DocumentDiagnosticReport>('textDocument/diagnostic', uri, again)).kind, 'full');

  const whole = (previousResultIds: object[]) =>
    client.connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds });
  const { items } = await whole([]);
  assert.deepEqual(
    items.map((item) => item.uri),
    [folder.uri('compose.yaml')],
    'what is open is asked for by itself',
  );
  const [report] = items;
  const known = [
    { uri: report?.uri, value: report?.resultId },
    { uri: folder.uri('gone'), value: '9' },
  ];
  const later = await whole(known);
  assert.deepEqual(
    later.items.map(({ kind }) => kind),
    ['unchanged', 'full'],
  );
});

test('what changes in other open documents comes along, for clients that take it', async () => {
  using folder = folderWith({});
  const related = { textDocument: { diagnostic: { relatedDocumentSupport: true } } };
  await using client = await startLanguageClient(related, { folders: [folder.uri()] });
  const [dockerfile, ignore] = [folder.uri('Dockerfile'), folder.uri('.dockerignore')];
  const pull = (uri: string) => client.ask<RelatedFullDocumentDiagnosticReport>('textDocument/diagnostic', uri);
  await client.open(dockerfile, 'dockerfile', 'FROM scratch\nCOPY a /\n');
  await client.open(ignore, 'dockerignore', 'b\n');
  assert.deepEqual((await pull(dockerfile)).items, []);
  assert.equal((await pull(ignore)).relatedDocuments, undefined, 'nothing has changed');
  await client.change(ignore, 2, [{ text: 'a\n' }]);
  const { relatedDocuments } = await pull(ignore);
  assert.deepEqual(Object.keys(relatedDocuments ?? {}), [dockerfile]);
  assert.match(JSON.stringify(relatedDocuments?.[dockerfile]), /CopyIgnoredFile/);
  assert.equal((await pull(ignore)).relatedDocuments, undefined, 'told once');
});

test('diagnostics of many files come bit by bit, with progress, to a client that wants them so', async () => {
  const names = Array.from({ length: 45 }, (_, i) => `${i}.Dockerfile`);
  using folder = folderWith(Object.fromEntries(names.map((name) => [name, 'FROM a AS X\n'])));
  await using client = await startLanguageClient(PULL, { folders: [folder.uri()] });
  const parts: number[] = [];
  const progress: string[] = [];
  client.connection.onProgress(new ProgressType<{ items: unknown[] }>(), 'part', ({ items }) => {
    parts.push(items.length);
  });
  client.connection.onProgress(WorkDoneProgress.type, 'work', (value) => {
    progress.push(value.kind === 'report' ? `${value.percentage}% ${value.message}` : value.kind);
  });
  const last = await client.connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', {
    previousResultIds: [],
    partialResultToken: 'part',
    workDoneToken: 'work',
  });
  assert.deepEqual([...parts, last.items.length], [20, 20, 5]);
  assert.deepEqual(progress, ['begin', '44% 20 of 45', '88% 40 of 45', 'end']);
});

test('files that are not open are left out by a setting, and come back by it, without a restart', async () => {
  using folder = folderWith({ Dockerfile: 'FROM a AS X\n', 'b.Dockerfile': 'FROM a AS Y\n' });
  const workspace = { didChangeWatchedFiles: { dynamicRegistration: true } };
  const initializationOptions = { diagnostics: { workspace: false } };
  await using client = await startLanguageClient(
    { ...PULL, workspace },
    { folders: [folder.uri()], initializationOptions },
  );
  client.connection.onRequest('client/registerCapability', () => null);
  const whole = async (previousResultIds: object[] = []) =>
    (await client.connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds }))
      .items;
  const set = (diagnostics: object) =>
    client.connection.sendNotification('workspace/didChangeConfiguration', { settings: { slipway: { diagnostics } } });
  assert.deepEqual(await whole(), []);
  await set({ workspace: true });
  const items = await whole();
  assert.deepEqual(items.map(({ uri }) => uri).toSorted(), [folder.uri('Dockerfile'), folder.uri('b.Dockerfile')]);
  const known = items.map(({ uri, resultId }) => ({ uri, value: resultId }));
  assert.deepEqual(await whole(known), [], 'nothing new: nothing is looked at');
  writeFileSync(fileURLToPath(folder.uri('Dockerfile')), 'FROM a:1 AS x\n');
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
  const later = await whole(known);
  assert.deepEqual(Object.fromEntries(later.map(({ uri, kind }) => [uri, kind])), {
    [folder.uri('Dockerfile')]: 'full',
    [folder.uri('b.Dockerfile')]: 'unchanged',
  });
  await set({ workspace: false });
  const off = await whole(known);
  assert.deepEqual(
    off.map((item) => item.kind === 'full' && item.items.length),
    [0, 0],
    'taken out of the editor',
  );
});

test('symbols of all files of the folders, open or not', async () => {
  using folder = folderWith({
    'a.Dockerfile': 'FROM a AS tools\nENV x=1\n',
    'compose.yaml': 'services:\n  toolbox: {image: a}\n',
  });
  await using client = await startLanguageClient({}, { folders: [folder.uri()] });
  const found = await client.connection.sendRequest<SymbolInformation[]>('workspace/symbol', { query: 'tool' });
  assert.deepEqual(found.map(({ name }) => name).toSorted(), ['toolbox', 'tools']);
});

test('a stage is renamed in the Compose file that builds it, with versions for clients that know them', async () => {
  using folder = folderWith({ 'compose.yaml': 'services:\n  a: {build: {context: ., target: base}}\n' });
  const capabilities = { workspace: { workspaceEdit: { documentChanges: true } } };
  await using client = await startLanguageClient(capabilities, { folders: [folder.uri()] });
  const uri = folder.uri('Dockerfile');
  await client.open(uri, 'dockerfile', 'FROM a AS base\nFROM base\nRUN --mount=from=base,target=/x y\n');
  const position = { line: 1, character: 6 };
  const edit = await client.ask<WorkspaceEdit>('textDocument/rename', uri, { position, newName: 'tools' });
  const documents = (edit.documentChanges ?? []).map((change) =>
    'textDocument' in change ? [change.textDocument.uri, change.textDocument.version, change.edits.length] : [],
  );
  assert.deepEqual(documents, [
    [uri, 1, 3],
    [folder.uri('compose.yaml'), null, 1],
  ]);
  const refused = client.ask('textDocument/rename', uri, { position, newName: 'no name' });
  await assert.rejects(refused, /starts with a letter/);
});

test('semantic tokens: only what changed, and those of a range', async () => {
  await using client = await startLanguageClient({});
  await client.open(URI, 'dockerfile', 'FROM a AS b\nRUN x\nRUN y\n');
  const first = await client.ask<SemanticTokens>('textDocument/semanticTokens/full', URI);
  await client.change(URI, 2, [{ text: 'FROM a AS b\nRUN x\nCOPY y z\nRUN y\n' }]);
  const delta = await client.ask<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', URI, {
    previousResultId: first.resultId,
  });
  const data = [...first.data];
  for (const { start, deleteCount, data: inserted } of delta.edits)
    data.splice(start, deleteCount, ...(inserted ?? []));
  const second = await client.ask<SemanticTokens>('textDocument/semanticTokens/full', URI);
  assert.deepEqual(data, second.data);
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 9 } };
  const part = await client.ask<SemanticTokens>('textDocument/semanticTokens/range', URI, { range });
  assert.ok(part.data.length > 0 && part.data.length < second.data.length);
});

test('names of images come from the client; documentation when it is asked for', async () => {
  const capabilities = {
    textDocument: { completion: { completionItem: { resolveSupport: { properties: ['documentation'] } } } },
  };
  await using client = await startLanguageClient(capabilities, { initializationOptions: { imageSource: true } });
  client.connection.onRequest('slipway/images', ({ prefix }: { prefix: string }) =>
    prefix === 'mine:' ? ['mine:1', 'mine:2'] : ['mine:1', 'mine:2', 'other'],
  );
  await client.open(URI, 'dockerfile', 'FROM mi\nFROM mine:\nCO\n');
  const complete = (line: number, character: number) =>
    client.ask<CompletionList>('textDocument/completion', URI, { position: { line, character } });
  assert.ok((await complete(0, 7)).items.some(({ label }) => label === 'mine:1'));
  assert.deepEqual((await complete(1, 10)).items.map(({ label }) => label).slice(0, 2), ['1', '2']);
  const items = await client.ask<CompletionItem[]>('textDocument/completion', URI, {
    position: { line: 2, character: 2 },
  });
  const copy = items.find(({ label }) => label === 'COPY');
  assert.ok(copy !== undefined && copy.documentation === undefined);
  assert.equal(copy.insertTextFormat, undefined, 'this client takes no snippets');
  const resolved = await client.connection.sendRequest<CompletionItem>('completionItem/resolve', copy);
  assert.match(JSON.stringify(resolved.documentation), /Copies files/);
});

test('edits all over the file are worked out when the action is chosen, in the text as it is then', async () => {
  const codeAction = { dataSupport: true, resolveSupport: { properties: ['edit'] } };
  await using client = await startLanguageClient({ textDocument: { codeAction } });
  await client.open(URI, 'dockerfile', 'FROM scratch as one\nFROM scratch as two\n');
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 19 } };
  const actions = await client.ask<CodeAction[]>('textDocument/codeAction', URI, {
    range,
    context: { diagnostics: [] },
  });
  const lazy = actions.filter(({ edit }) => edit === undefined);
  assert.deepEqual(
    lazy.map(({ title }) => title),
    ['Fix all FromAsCasing problems', 'Fix all that can be fixed safely'],
  );
  await client.change(URI, 2, [{ range: { start: range.start, end: range.start }, text: '# new\n' }]);
  for (const action of lazy) {
    const { edit } = await client.connection.sendRequest<CodeAction>('codeAction/resolve', action);
    assert.deepEqual(
      edit?.changes?.[URI]?.map(({ range: { start }, newText }) => [start.line, newText]),
      [
        [1, 'AS'],
        [2, 'AS'],
      ],
    );
  }
  const gone = { title: 'Fix all Nothing problems', kind: 'quickfix', data: { uri: 'file:///gone' } };
  assert.deepEqual(await client.connection.sendRequest('codeAction/resolve', gone), gone);
});

test('selections, hints, lenses, formatting of a range and while typing', async () => {
  await using client = await startLanguageClient({}, { initializationOptions: { commands: ['slipway.buildStage'] } });
  await client.open(URI, 'dockerfile', 'ARG V=1\nFROM a:$V\n  RUN x \\\ny\n  CMD ["z"]\n');
  const everything = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
  const options = { tabSize: 2, insertSpaces: true };
  const [ranges, hints, lenses, some, typed] = await Promise.all([
    client.ask<object[]>('textDocument/selectionRange', URI, { positions: [{ line: 2, character: 6 }] }),
    client.ask<{ label: string }[]>('textDocument/inlayHint', URI, { range: everything }),
    client.ask<{ command: object }[]>('textDocument/codeLens', URI),
    client.ask<TextEdit[]>('textDocument/rangeFormatting', URI, {
      options,
      range: { start: { line: 2, character: 0 }, end: { line: 3, character: 1 } },
    }),
    client.ask<TextEdit[]>('textDocument/onTypeFormatting', URI, {
      options,
      ch: '\n',
      position: { line: 3, character: 0 },
    }),
  ]);
  assert.equal(ranges.length, 1);
  assert.deepEqual(
    hints.map(({ label }) => label),
    ['= 1'],
  );
  assert.equal(lenses.length, 1);
  assert.deepEqual(
    some.map(({ range, newText }) => [range.start.line, newText]),
    [
      [2, ''],
      [3, '  '],
    ],
  );
  assert.deepEqual(
    typed.map(({ newText }) => newText),
    ['  '],
  );
});

test('a request that is cancelled while it waits is refused as cancelled, and the next one answered', async () => {
  await using client = await startLanguageClient({});
  await client.open(URI, 'dockerfile', `FROM a\n${'RUN apt-get install x y z\n'.repeat(3000)}`);
  const source = new CancellationTokenSource();
  const slow = client.ask('textDocument/semanticTokens/full', URI);
  const cancelled = client.connection.sendRequest(
    'textDocument/hover',
    { textDocument: { uri: URI }, position: { line: 0, character: 1 } },
    source.token,
  );
  source.cancel();
  await assert.rejects(cancelled, { code: LSPErrorCodes.RequestCancelled });
  await slow;
  const hover = await client.ask<Hover>('textDocument/hover', URI, { position: { line: 0, character: 1 } });
  assert.match(JSON.stringify(hover.contents), /build stage/);
});

test('settings change while it runs; a text without an end is left alone', async () => {
  await using client = await startLanguageClient({});
  await client.open(URI, 'dockerfile', 'FROM scratch AS Foo\n');
  assert.equal((await client.nextDiagnostics(URI)).diagnostics.length, 1);
  const settings = { slipway: { lint: { rules: { StageNameCasing: 'error' } } } };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  assert.equal((await client.nextDiagnostics(URI)).diagnostics[0]?.severity, 1);
  const large = 'file:///project/large.Dockerfile';
  await client.open(large, 'dockerfile', `FROM a\n${'RUN x\n'.repeat(2_000_000)}`);
  assert.equal(await client.ask('textDocument/hover', large, { position: { line: 0, character: 1 } }), null);
});

test('it ends with its client: 0 after shutdown, 1 without, and when the client is gone', async () => {
  for (const [shutdown, code] of [
    [true, 0],
    [false, 1],
  ] as const) {
    const client = await startLanguageClient({});
    const exited = once(client.child, 'exit');
    if (shutdown) await client.connection.sendRequest('shutdown');
    await client.connection.sendNotification('exit');
    assert.deepEqual(await exited, [code, null]);
    client.connection.dispose();
  }
  const client = await startLanguageClient({});
  const exited = once(client.child, 'exit');
  client.child.stdin?.end();
  assert.equal((await exited)[0], 1);
  client.connection.dispose();
});

test('it ends when the process that it was told of is gone, though its pipes are open', async () => {
  const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const client = await startLanguageClient({}, { transport: 'socket', processId: parent.pid });
  const exited = once(client.child, 'exit');
  parent.kill();
  await exited;
  client.connection.dispose();
});

test('ShellCheck’s findings follow, at their places, when the program is there', async (context) => {
  const child = spawn('shellcheck', ['--version'], { stdio: 'ignore' });
  const isThere = await new Promise((resolve) =>
    child.on('error', () => resolve(false)).on('exit', () => resolve(true)),
  );
  if (isThere !== true) return context.skip('the program shellcheck is not installed');
  await using client = await startLanguageClient({});
  await client.open(URI, 'dockerfile', 'FROM scratch\nWORKDIR /x\nRUN a && \\\n  echo $x\n');
  const codes = async (): Promise<string[]> =>
    (await client.nextDiagnostics(URI)).diagnostics.map(
      ({ code, range }) => `${code} ${range.start.line}:${range.start.character}`,
    );
  assert.deepEqual(await codes(), []);
  assert.deepEqual((await codes()).toSorted(), ['SC2086 3:7', 'SC2154 3:7']);
});
