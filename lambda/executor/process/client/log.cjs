'use strict';
// The console as AWS patches it, and what is told about errors. One entry is one line; Lambda turns the carriage returns inside
// it back.

const fs = require('fs');
const util = require('util');

const env = process.env;
const asJSON = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const lowest = Math.max(LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL), 0);
const taskRoot = env.LAMBDA_TASK_ROOT + require('path').sep;

let requestId;

// writeLine writes at once: what was logged before a crash is not lost.
function writeLine(text) {
  let data = Buffer.from(text.replaceAll('\n', '\r') + '\n');
  while (data.length > 0) {
    try {
      data = data.subarray(fs.writeSync(1, data));
    } catch (error) {
      if (error.code !== 'EAGAIN') return; // nobody reads any more
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

const plain = (value) => (value instanceof Error ? { errorType: value.name, errorMessage: value.message, stackTrace: lines(value) } : value);

function jsonEntry(level, args) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (args.length === 1 && typeof args[0] === 'object' && args[0] !== null && !(args[0] instanceof Error)) {
    try {
      return JSON.stringify({ ...entry, message: args[0] }, (_, value) => plain(value));
    } catch {
      // Circular: formatted below.
    }
  }
  entry.message = util.format(...args);
  const error = args.find((arg) => arg instanceof Error);
  if (error) Object.assign(entry, plain(error));
  return JSON.stringify(entry);
}

function entry(level, args) {
  if (LEVELS.indexOf(level) < lowest) return;
  if (asJSON) writeLine(jsonEntry(level, args));
  else writeLine(`${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...args)}`);
}

function patchConsole() {
  const levels = { log: 'INFO', info: 'INFO', debug: 'DEBUG', trace: 'TRACE', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };
  for (const [name, level] of Object.entries(levels)) console[name] = (...args) => entry(level, args);
}

// public names files as they are called on AWS.
const shown = (text) => text.replaceAll(taskRoot, '/var/task/').replaceAll(require('url').pathToFileURL(taskRoot).href, 'file:///var/task/');

// lines is an error's stack without the runtime's own frames.
function lines(error) {
  if (typeof error.stack !== 'string') return [];
  return shown(error.stack).split('\n').filter((line) => !line.includes(__dirname));
}

// describe is what the caller is told about an error.
function describe(error) {
  if (error instanceof Error || util.types.isNativeError(error)) {
    return { errorType: error.name, errorMessage: shown(String(error.message)), trace: lines(error) };
  }
  if (error && typeof error === 'object' && 'name' in error && 'message' in error) {
    return { errorType: String(error.name), errorMessage: String(error.message), trace: [] };
  }
  return { errorType: typeof error, errorMessage: typeof error === 'object' ? util.inspect(error) : String(error), trace: [] };
}

function errorHeaders(error) {
  const name = error && /^(Runtime|Function)\.[A-Z][a-zA-Z]+$/.test(error.name) ? error.name : 'Runtime.Unknown';
  return `Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: ${name}\r\n`;
}

// error logs an error that the runtime reports.
function error(title, cause) {
  const told = describe(cause);
  const fields = { errorType: told.errorType, errorMessage: told.errorMessage };
  if (cause && cause.code !== undefined) fields.code = cause.code;
  if (cause && cause.reason !== undefined) fields.reason = plain(cause.reason);
  if (cause && cause.promise !== undefined) fields.promise = {};
  fields.stack = told.trace;
  if (asJSON) {
    writeLine(JSON.stringify({ timestamp: new Date().toISOString(), level: 'ERROR', requestId, message: fields }));
    return;
  }
  let text;
  try {
    text = JSON.stringify(fields);
  } catch {
    text = util.inspect(fields);
  }
  writeLine(`${new Date().toISOString()}\t${requestId}\tERROR\t${title}\t${text}`);
}

module.exports = { patchConsole, describe, errorHeaders, error, setRequestId: (id) => { requestId = id; } };
