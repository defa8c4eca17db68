'use strict';
// Runs a Node.js Lambda function: takes events from the Runtime API, calls the handler, posts what it returns.
// The parts beside this file: runtimeapi.cjs (the connection), handler.cjs (finding the handler), log.cjs (console and
// errors), stream.cjs (streamed responses).

const { Connection } = require('./runtimeapi.cjs');
const { loadHandler } = require('./handler.cjs');
const log = require('./log.cjs');

const env = process.env;
const connection = new Connection(env.AWS_LAMBDA_RUNTIME_API);

let current = null; // the invocation that the handler works on

// An invocation: its event and the one answer that counts.
class Invocation {
  constructor(headers, body) {
    this.id = headers['lambda-runtime-aws-request-id'];
    this.headers = headers;
    this.body = body;
    this.settled = false;
    this.waiting = null; // a result that waits for an empty event loop
    this.promised = false; // the handler returned a promise
    this.stream = null;
  }

  // settle posts an answer and asks for the next event in the same write.
  settle(path, body, headers) {
    if (this.settled) return;
    this.settled = true;
    current = null;
    connection.postThenNext(`invocation/${this.id}/${path}`, body, headers, take);
  }

  succeed(result) {
    let body;
    try {
      body = JSON.stringify(result === undefined ? null : result);
      if (body === undefined) body = 'null';
    } catch (error) {
      const told = new Error('Unable to stringify response body');
      told.name = 'Runtime.MarshalError';
      this.fail(told);
      return;
    }
    this.settle('response', body, 'Content-Type: application/json\r\n');
  }

  fail(error) {
    if (this.settled) return;
    log.error('Invoke Error ', error);
    if (this.stream && this.stream.abort(error)) return;
    this.settle('error', JSON.stringify(log.describe(error)), log.errorHeaders(error));
  }

  // finish is an answer given by callback: it waits until nothing is left to do, unless told otherwise.
  finish(context, action) {
    if (this.settled || this.waiting) return;
    this.waiting = action;
    if (!context.callbackWaitsForEmptyEventLoop) setImmediate(() => this.finishNow());
  }

  finishNow() {
    const action = this.waiting;
    this.waiting = null;
    if (action && !this.settled) action();
  }
}

function makeContext(invocation) {
  const headers = invocation.headers;
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const json = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json('lambda-runtime-client-context'),
    identity: json('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: invocation.id,
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  context.succeed = (result) => invocation.finish(context, () => invocation.succeed(result));
  context.fail = (error) => invocation.finish(context, () => invocation.fail(error));
  context.done = (error, result) => (error ? context.fail(error) : context.succeed(result));
  return context;
}

let handler;

// take starts the handler on an event.
function take(headers, body) {
  const invocation = new Invocation(headers, body);
  current = invocation;
  log.setRequestId(invocation.id);
  const trace = headers['lambda-runtime-trace-id'];
  if (trace) env._X_AMZN_TRACE_ID = trace;
  else delete env._X_AMZN_TRACE_ID;
  try {
    const event = JSON.parse(body.toString('utf8'));
    const context = makeContext(invocation);
    if (handler[Symbol.for('aws.lambda.runtime.handler.streaming')] === 'response') {
      require('./stream.cjs').run(handler, event, context, invocation, connection, () => {
        invocation.settled = true;
        current = null;
        connection.next(take);
      });
      return;
    }
    const result = handler(event, context, (error, value) => context.done(error, value));
    if (result && typeof result.then === 'function') {
      invocation.promised = true;
      result.then((value) => invocation.succeed(value), (error) => invocation.fail(error));
    }
  } catch (error) {
    invocation.fail(error);
  }
}

// The event loop is empty: an answer by callback goes out now; a handler that never answered has ended.
process.on('beforeExit', () => {
  const invocation = current;
  if (!invocation || invocation.settled) return;
  if (invocation.waiting) invocation.finishNow();
  else if (invocation.stream) invocation.stream.end();
  else if (invocation.promised) {
    // unverified against AWS: the message.
    const error = new Error('The handler returned a promise that can never settle: the event loop is empty');
    error.name = 'Runtime.NodeJsExit';
    invocation.fail(error);
  } else invocation.succeed(null);
});

// die reports an error that nobody caught and ends the process.
function die(title, error, code) {
  log.error(title, error);
  const body = JSON.stringify(log.describe(error));
  const path = current ? `invocation/${current.id}/error` : handler ? null : 'init/error';
  if (current) current.settled = true;
  if (!path) process.exit(code);
  connection.post(path, body, log.errorHeaders(error), () => process.exit(code));
}

process.on('uncaughtException', (error) => die('Uncaught Exception ', error, 129));
process.on('unhandledRejection', (reason, promise) => {
  const error = new Error(String(reason instanceof Error ? `${reason.name}: ${reason.message}` : reason));
  error.name = 'Runtime.UnhandledPromiseRejection';
  if (reason instanceof Error) error.stack = `${error.name}: ${reason.stack}`;
  error.reason = reason;
  error.promise = promise;
  die('Unhandled Promise Rejection ', error, 128);
});

log.patchConsole();
if (!/^(1|true)$/i.test(env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA || '')) {
  Object.defineProperty(globalThis, 'awslambda', {
    configurable: true,
    enumerable: true,
    get: () => require('./stream.cjs').awslambda,
  });
}
// The program's own name is nothing that the function should see.
process.argv.splice(1, 1);
connection.connect();
loadHandler(env.LAMBDA_TASK_ROOT, env._HANDLER).then(
  (found) => {
    handler = found;
    connection.next(take);
  },
  (error) => die('Uncaught Exception ', error, 1),
);
