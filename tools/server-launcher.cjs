// dist/server/main.cjs: starts the language server from compiled code that an earlier start kept; that halves the start.
// In a folder of the user's own: what is kept there is run.
// A text that is parsed again for every key makes much garbage. V8 lets its heap grow by more than that is worth here:
// with these the process stays a third smaller and is no slower (`npm run bench -- lsp`).
const { setFlagsFromString } = require('node:v8');
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=50');

const { homedir } = require('node:os');
const path = require('node:path');

const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
// Older Nodes do not know it; where the folder cannot be written nothing is kept.
require('node:module').enableCompileCache?.(path.join(cache, 'slipway', 'compiled'));
require('./server.cjs');
