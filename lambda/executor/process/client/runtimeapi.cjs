'use strict';
// One kept-alive connection to the Runtime API. While the handler works it does not keep the process alive, so that an empty
// event loop shows.

const net = require('net');

const API = '/2018-06-01/runtime/';

class Connection {
  constructor(address) {
    this.address = address;
    this.onEvent = null; // set while an event is awaited
    this.onAck = null; // set while the answer to a post is awaited
    this.buffer = null;
    this.nextRequest = `GET ${API}invocation/next HTTP/1.1\r\nHost: ${address}\r\n\r\n`;
  }

  connect() {
    const [host, port] = this.address.split(':');
    const socket = net.connect({ host, port: Number(port), noDelay: true });
    this.socket = socket;
    this.buffer = null;
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', () => {}); // close follows
    socket.on('close', () => {
      if (this.socket !== socket) return;
      if (this.onAck) this.acknowledged();
      if (this.onEvent) {
        // Refused in the middle of a post, as too large: ask anew. A platform that is gone refuses the connection.
        if (!socket.bytesRead) process.exit(1);
        this.connect();
        this.socket.write(this.nextRequest);
      } else this.socket = null;
    });
  }

  write(data, encoding, done) {
    if (!this.socket) this.connect();
    this.socket.ref();
    this.socket.write(data, encoding, done);
  }

  // next waits for an event.
  next(onEvent) {
    this.onEvent = onEvent;
    this.write(this.nextRequest);
  }

  head(path, headers, length) {
    return `POST ${API}${path} HTTP/1.1\r\nHost: ${this.address}\r\n${headers}Content-Length: ${length}\r\n\r\n`;
  }

  postThenNext(path, body, headers, onEvent) {
    this.onEvent = onEvent;
    this.write(this.head(path, headers, Buffer.byteLength(body)) + body + this.nextRequest);
  }

  post(path, body, headers, onAck) {
    this.onAck = onAck;
    this.write(this.head(path, headers, Buffer.byteLength(body)) + body);
  }

  acknowledged() {
    const onAck = this.onAck;
    this.onAck = null;
    if (onAck) onAck();
  }

  read(chunk) {
    this.buffer = this.buffer ? Buffer.concat([this.buffer, chunk]) : chunk;
    while (this.buffer) {
      const end = this.buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (this.buffer.length < this.expected) return;
      const lines = this.buffer.toString('utf8', 0, end).split('\r\n');
      const headers = {};
      for (let i = 1; i < lines.length; i++) {
        const colon = lines[i].indexOf(':');
        headers[lines[i].slice(0, colon).toLowerCase()] = lines[i].slice(colon + 1).trim();
      }
      const total = end + 4 + Number(headers['content-length'] || 0);
      if (this.buffer.length < total) {
        this.expected = total;
        return;
      }
      this.expected = 0;
      const body = this.buffer.subarray(end + 4, total);
      this.buffer = this.buffer.length > total ? this.buffer.subarray(total) : null;
      if (headers['lambda-runtime-aws-request-id'] === undefined) {
        this.acknowledged();
        continue;
      }
      const onEvent = this.onEvent;
      this.onEvent = null;
      this.socket.unref();
      onEvent(headers, body);
    }
  }
}

Connection.prototype.expected = 0;

module.exports = { Connection, API };
