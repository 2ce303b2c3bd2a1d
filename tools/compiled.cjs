// dist/server/compiled.cjs: runs a bundle from the compiled code that an earlier run kept; that halves the start.
// Node's own cache (`module.enableCompileCache`) holds what is compiled before a module runs; this one also holds the
// functions that were called since, a thousand of them before the first diagnostics.
const { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } = require('node:fs');
const { createRequire } = require('node:module');
const { homedir } = require('node:os');
const path = require('node:path');
const { Script } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

// In a folder of the user's own: what is kept there is run.
const FOLDER = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'slipway', 'compiled');
const KEEP_AFTER_MS = 5000;
/** Which source the compiled code is of: V8 itself looks at no more than the source's length, its version and its flags. */
const STAMP_BYTES = 64;

/** Where it cannot be read or is of another source, everything is compiled as usual. */
function readKept(kept, stamp) {
  try {
    const bytes = readFileSync(kept);
    return bytes.subarray(0, STAMP_BYTES).equals(stamp) ? bytes.subarray(STAMP_BYTES) : undefined;
  } catch {
    return undefined;
  }
}

/** All of it or nothing, whatever happens to the machine: V8 believes what it reads. Where it cannot be written, nothing. */
function keep(kept, stamp, script) {
  try {
    mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
    const aside = `${kept}.${process.pid}`;
    const file = openSync(aside, 'w', 0o600);
    writeSync(file, Buffer.concat([stamp, script.createCachedData()]));
    fsyncSync(file);
    closeSync(file);
    renameSync(aside, kept);
  } catch {}
}

/** @returns what the CommonJS bundle beside this file exports */
exports.load = (name) => {
  const filename = path.join(__dirname, name);
  const source = readFileSync(filename, 'utf8');
  const { mtimeMs, size } = statSync(filename);
  const stamp = Buffer.alloc(STAMP_BYTES);
  stamp.write(`${size} ${mtimeMs} ${process.versions.v8}`);
  const kept = path.join(FOLDER, `${name}-${process.version}-${process.arch}`);
  const cachedData = readKept(kept, stamp);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    cachedData,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, __dirname);
  // Threads of one process would write the same file.
  if (isMainThread && (cachedData === undefined || script.cachedDataRejected)) {
    let isKept = false;
    const once = () => {
      if (!isKept) keep(kept, stamp, script);
      isKept = true;
    };
    setTimeout(once, KEEP_AFTER_MS).unref();
    process.once('exit', once);
  }
  return module.exports;
};
