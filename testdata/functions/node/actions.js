'use strict';
// A Lambda function that does what its event says; go/actions and python/actions.py do the same.

const fs = require('fs');
const os = require('os');

let invocations = 0;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

exports.handler = async (event, context) => {
  invocations++;
  switch (event.do) {
    case 'echo':
      return event.value;
    case 'count':
      return invocations;
    case 'context':
      return {
        requestId: context.awsRequestId, arn: context.invokedFunctionArn, name: context.functionName,
        version: context.functionVersion, memory: context.memoryLimitInMB, group: context.logGroupName,
        stream: context.logStreamName, remaining: context.getRemainingTimeInMillis(),
      };
    case 'throw':
      throw new Error('bad thing');
    case 'exit':
      return process.exit(event.count);
    case 'hang':
      console.log('hanging');
      return sleep(3600000);
    case 'sleep':
      await sleep(event.count);
      return invocations;
    case 'print':
      for (let i = 0; i < event.count; i++) console.log(`line ${i} ${'x'.repeat(1000)}`);
      return 'printed';
    case 'large':
      return 'x'.repeat(event.count);
    case 'environment':
      return Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
    case 'append': {
      const name = `${os.tmpdir()}/file`;
      fs.appendFileSync(name, 'x');
      return fs.readFileSync(name, 'utf8');
    }
  }
  throw new Error(`cannot do ${event.do}`);
};
