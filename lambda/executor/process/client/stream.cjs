'use strict';
// Streamed responses: the first write opens a chunked post, the end of the stream ends it, an error goes into its trailers.

const { Writable } = require('stream');
const log = require('./log.cjs');
const { API } = require('./runtimeapi.cjs');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

class ResponseStream extends Writable {
  constructor(invocation, connection, finished, options) {
    super(options);
    this.invocation = invocation;
    this.connection = connection;
    this.finished = finished;
    this.contentType = 'application/octet-stream';
    this.opened = false;
    this.prelude = null;
    this.trailers = '';
    this.on('error', () => {}); // told through the trailers
  }

  setContentType(type) {
    if (this.opened) throw new Error('The content type cannot be set after the first write');
    this.contentType = type;
  }

  // open is the head of the post, with the prelude if there is one.
  open() {
    if (this.opened) return '';
    this.opened = true;
    const head = `POST ${API}invocation/${this.invocation.id}/response HTTP/1.1\r\nHost: ${this.connection.address}\r\n`
      + `Content-Type: ${this.contentType}\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n`
      + 'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n';
    return this.prelude === null ? head : head + frame(Buffer.from(this.prelude));
  }

  _write(chunk, encoding, done) {
    const data = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, encoding);
    this.connection.write(this.open() + (data.length ? frame(data) : ''), 'latin1', done);
  }

  _final(done) {
    this.connection.onAck = this.finished;
    this.connection.write(`${this.open()}0\r\n${this.trailers}\r\n`, 'latin1', done);
  }

  // abort reports an error after the response has begun; before that it is reported like any other.
  abort(error) {
    if (!this.opened) return false;
    if (this.writableEnded) return true;
    const body = Buffer.from(JSON.stringify(log.describe(error))).toString('base64');
    this.trailers = `Lambda-Runtime-Function-Error-Type: ${/type: (.*)\r\n$/i.exec(log.errorHeaders(error))[1]}\r\n`
      + `Lambda-Runtime-Function-Error-Body: ${body}\r\n`;
    this.end();
    return true;
  }
}

// frame is one chunk, as a string of bytes.
const frame = (data) => `${data.length.toString(16)}\r\n${data.toString('latin1')}\r\n`;

const awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAMING] = 'response';
    if (options && options.highWaterMark !== undefined) handler[HIGH_WATER_MARK] = Number(options.highWaterMark);
    return handler;
  },
  HttpResponseStream: class HttpResponseStream {
    static from(stream, prelude) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream.prelude = JSON.stringify(prelude) + '\0'.repeat(8);
      return stream;
    }
  },
};

// run calls a streaming handler. The invocation ends with its stream.
function run(handler, event, context, invocation, connection, finished) {
  const options = handler[HIGH_WATER_MARK] === undefined ? {} : { highWaterMark: handler[HIGH_WATER_MARK] };
  const stream = new ResponseStream(invocation, connection, finished, options);
  invocation.stream = stream;
  const result = handler(event, stream, context);
  if (result && typeof result.then === 'function') result.then(undefined, (error) => invocation.fail(error));
}

module.exports = { awslambda, run };
