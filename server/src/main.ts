/** The language server's process: over Node IPC when an editor starts it so, over stdio otherwise (`--stdio`). */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { DISK } from './files.ts';
import { EDITOR_LANGUAGES } from './languages.ts';
import { startServer } from './lsp/server.ts';

const hasTransport = process.argv.some((argument) => /^--(?:node-ipc|stdio|socket|pipe)\b/.test(argument));
const connection = hasTransport
  ? createConnection(ProposedFeatures.all)
  : createConnection(ProposedFeatures.all, process.stdin, process.stdout);

// Sources (server/src) and bundle (dist/server) are equally deep: the pages are at the same place for both.
const pages = path.resolve(path.dirname(process.argv[1] ?? '.'), '../../docs/rules');
startServer(connection, { languages: EDITOR_LANGUAGES, files: DISK, rulePages: `${pathToFileURL(pages).href}/` });
