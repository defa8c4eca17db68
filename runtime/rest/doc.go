// Package rest serves REST APIs: it compiles a snapshot of a stage into a matcher
// and one straight line of steps per method, and answers requests as Amazon API
// Gateway's REST data plane does, its errors included.
//
// Type is the package's face to the gateway. Compile does what can be decided when
// a stage is published: the tree of paths, templates, mapping expressions, selection
// patterns, JSON schemas and gateway responses. A request then walks the tree and
// runs method.serve (method.go), whose steps are values of their own; one that is
// not configured is a no-op and not nil.
//
// Each integration type has a request builder and a responder here (lambda.go,
// httpproxy.go, custom.go, awsservice.go, mock.go; stream.go for answers that go on as
// they come); the calls themselves are runtime/integration's, templates
// runtime/mapping's, schemas runtime/validate's, cached answers runtime/cache's.
package rest
