// Package gwerr names the errors that the gateway itself answers with, by AWS's
// gateway response types, and their default statuses and messages.
//
// A step returns an *Error; how it becomes a response is the API type's affair: a
// REST API renders it through its gateway responses, an HTTP API has fixed bodies.
package gwerr
