// dist/server/lint-worker.cjs: a thread of `slipway lint`.
require('./compiled.cjs').load('lint.cjs').work();
