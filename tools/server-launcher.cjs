// dist/server/main.cjs: starts the language server from compiled code that an earlier start kept; that halves the start.
// In a folder of the user's own: what is kept there is run.
// A text that is parsed again for every key makes much short-lived garbage: collected often, it stays small (a third less
// resident memory, measured by `npm run bench -- lsp`).
require('node:v8').setFlagsFromString('--semi-space-growth-factor=1');

const { homedir } = require('node:os');
const path = require('node:path');

const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
// Older Nodes do not know it; where the folder cannot be written nothing is kept.
require('node:module').enableCompileCache?.(path.join(cache, 'slipway', 'compiled'));
require('./server.cjs');
