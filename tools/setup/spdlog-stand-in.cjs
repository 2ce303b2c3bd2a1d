// VS Code's server logs through a native module that would need a compiler. This one writes the same lines with node:fs:
// no rotation, no queue, every line at once.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
let threshold = LEVELS.indexOf('info');

class Logger {
  constructor(_type, _name, file) {
    this.file = file;
    this.level = threshold;
    this.raw = false;
  }
  write(level, message) {
    if (level < this.level || !this.file) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.raw ? String(message) : `${time} [${LEVELS[level]}] ${message}\n`;
    try {
      this.descriptor ??= fs.openSync(this.file, 'a');
      fs.writeSync(this.descriptor, line);
    } catch {
      // A full disk must not end the program that only wanted to log.
    }
  }
  trace(message) {
    this.write(0, message);
  }
  debug(message) {
    this.write(1, message);
  }
  info(message) {
    this.write(2, message);
  }
  warn(message) {
    this.write(3, message);
  }
  error(message) {
    this.write(4, message);
  }
  critical(message) {
    this.write(5, message);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.raw = true;
  }
  flush() {}
  drop() {
    if (this.descriptor !== undefined) fs.closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

async function createLogger(name, file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return new Logger('file', name, file);
}

// Named one by one: that is how an ES module finds the names of a CommonJS one.
exports.version = 11000;
exports.Logger = Logger;
exports.setLevel = (level) => {
  threshold = level;
};
exports.setFlushOn = () => {};
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
