// Package integration calls what stands behind a route or method: Lambda functions,
// HTTP backends, AWS services. Integration is the one interface the API types know;
// Lambda, HTTP and AWSService implement it, an API type may add its own.
//
// An integration does the call and nothing else. What is sent is built before
// (events, mappings), what came back is interpreted after by the API type, since a
// REST and an HTTP API differ there. A call that failed is a *gwerr.Error.
//
// An answer whose Stream is set is read as it comes; a function's is where
// Lambda.Streaming says so. AWSService signs requests for a service's own host and
// sends them where the service is found (ServiceTarget reads the integration's ARN).
//
// LambdaInvoker is the gateway's view of the Lambda service, implemented outside, and
// AWSServices that of all others.
package integration
