// dist/server/main.cjs: starts the language server.
// A text that is parsed again for every key makes much garbage. V8 lets its heap grow by more than that is worth here:
// with these the process stays a third smaller and is no slower (`npm run bench -- lsp`).
const { setFlagsFromString } = require('node:v8');
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=50');

require('./compiled.cjs').load('server.cjs');
