/** The language server in a real Neovim, without the extension: configured as docs/editors.md says for the oldest one that can. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { buildAll } from '../../tools/build.ts';

const root = path.resolve(import.meta.dirname, '../..');
const isMissing = spawnSync('nvim', ['--version']).error !== undefined;

/** Prints what it sees as JSON, one thing a line. */
const SCRIPT = `
local function say(value) io.stdout:write(vim.fn.json_encode(value) .. '\\n') end
local function ask(method, params)
  params.textDocument = { uri = vim.uri_from_bufnr(0) }
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 10000) or {}) do return answer.result end
end
local function places()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do table.insert(found, { one.lnum, one.col, one.end_col, one.message }) end
  return found
end
vim.cmd('edit Dockerfile')
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
say(places())
local at = { line = 0, character = 16 }
say(ask('textDocument/hover', { position = { line = 0, character = 1 } }).contents.value)
local actions = ask('textDocument/codeAction', { range = { start = at, ['end'] = at }, context = { diagnostics = {} } })
vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end, 20)
say(places())
vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', { position = at, newName = 'bar' }), 'utf-16')
say(vim.api.nvim_buf_get_lines(0, 0, -1, false))
vim.cmd('qa!')
`;

/** The block of the documentation for old versions, with the command of this repository. */
function documentedConfiguration(): string {
  const page = readFileSync(path.join(root, 'docs/editors.md'), 'utf8');
  const block = /^0\.7 to 0\.10 .*\n\n```lua\n([\s\S]*?)^```/m.exec(page)?.[1] ?? '';
  assert.match(block, /'slipway'/);
  return block.replace("cmd = { 'slipway',", `cmd = { '${path.join(root, 'dist/slipway')}',`);
}

test('diagnostics, hover, quick fix and rename in Neovim', { skip: isMissing && 'nvim is not installed' }, async () => {
  await buildAll();
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-neovim-'));
  try {
    writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch AS Foo\nFROM scratch\nCOPY --from=Foo /a /b\n');
    const script = path.join(folder, 'script.lua');
    writeFileSync(script, documentedConfiguration() + SCRIPT);
    const options = {
      cwd: folder,
      timeout: 60_000,
      env: { ...process.env, XDG_STATE_HOME: folder, XDG_DATA_HOME: folder },
    };
    const { stdout } = await promisify(execFile)('nvim', ['--headless', '--clean', '-n', '-S', script], options);
    const [before, hover, after, renamed] = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    assert.deepEqual(before, [[0, 16, 19, "Stage name 'Foo' should be lowercase"]]);
    assert.match(String(hover), /FROM \[--platform=platform\]/);
    assert.deepEqual(after, []);
    assert.deepEqual(renamed, ['FROM scratch AS bar', 'FROM scratch', 'COPY --from=bar /a /b']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
