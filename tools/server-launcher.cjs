// dist/server/main.cjs: starts the language server.
// A text that is parsed again for every key makes much garbage. V8 lets its heap grow by more than that is worth here:
// with these the process stays a quarter smaller and is no slower (`npm run bench -- lsp`). New objects get some MB while
// the server is loaded, and no more later: with 1 MB they would be collected several times for each version of a text.
const { setFlagsFromString } = require('node:v8');
setFlagsFromString('--semi-space-growth-factor=2');
setFlagsFromString('--heap-growing-percent=50');

require('./compiled.cjs').load('server.cjs');
setFlagsFromString('--semi-space-growth-factor=1');
