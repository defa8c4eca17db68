'use strict';
// Finds the handler that _HANDLER names: dir/file.export.nested.

const fs = require('fs');
const path = require('path');

class Fault extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

// isModule tells whether the nearest package.json makes .js files ES modules.
function isModule(dir) {
  for (;;) {
    if (path.basename(dir) === 'node_modules') return false;
    try {
      return JSON.parse(fs.readFileSync(path.join(dir, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT') return false;
    }
    const parent = path.dirname(dir);
    if (parent === dir) return false;
    dir = parent;
  }
}

const isFile = (name) => {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile();
};

const load = (name) => import(require('url').pathToFileURL(name).href);

async function loadModule(taskRoot, dir, name) {
  const file = path.resolve(taskRoot, dir, name);
  if (isFile(file)) return require(file);
  if (isFile(`${file}.js`)) return isModule(path.dirname(file)) ? load(`${file}.js`) : require(`${file}.js`);
  if (isFile(`${file}.mjs`)) return load(`${file}.mjs`);
  if (isFile(`${file}.cjs`)) return require(`${file}.cjs`);
  let found;
  try {
    found = require.resolve(name, { paths: [taskRoot, path.resolve(taskRoot, dir)] });
  } catch {
    const error = new Fault('Runtime.ImportModuleError',
      `Error: Cannot find module '${name}'\nRequire stack:\n- /var/runtime/index.mjs`);
    throw error;
  }
  return require(found);
}

async function loadHandler(taskRoot, handler) {
  if (handler.includes('..')) {
    throw new Fault('Runtime.MalformedHandlerName',
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  }
  const base = path.basename(handler);
  const dir = handler.slice(0, handler.length - base.length);
  const dot = base.indexOf('.');
  if (dot <= 0 || dot === base.length - 1) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const name = base.slice(0, dot);
  let module;
  try {
    module = await loadModule(taskRoot, dir, name);
  } catch (error) {
    if (error instanceof SyntaxError) {
      const told = new Fault('Runtime.UserCodeSyntaxError', String(error));
      told.stack = error.stack;
      throw told;
    }
    if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
      const told = new Fault('Runtime.ImportModuleError', String(error));
      told.stack = error.stack;
      throw told;
    }
    throw error;
  }
  const pick = (from) => base.slice(dot + 1).split('.').reduce((at, key) => (at ? at[key] : undefined), from);
  // What a CommonJS module exports is also what an ES module that wraps it has as its default.
  const found = pick(module) || (module && module.default && pick(module.default));
  if (!found) throw new Fault('Runtime.HandlerNotFound', `${name}.${base.slice(dot + 1)} is undefined or not exported`);
  if (typeof found !== 'function') {
    throw new Fault('Runtime.HandlerNotFound', `${name}.${base.slice(dot + 1)} is not a function`);
  }
  return found;
}

module.exports = { loadHandler };
