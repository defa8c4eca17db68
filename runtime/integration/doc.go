// Package integration calls what stands behind a route or method: Lambda functions,
// HTTP backends. Integration is the one interface the API types know; Lambda and
// HTTP implement it, an API type may add its own.
//
// An integration does the call and nothing else. What is sent is built before
// (events, mappings), what came back is interpreted after by the API type, since a
// REST and an HTTP API differ there. A call that failed is a *gwerr.Error.
//
// LambdaInvoker is the gateway's view of the Lambda service, implemented outside.
package integration
