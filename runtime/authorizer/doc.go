// Package authorizer decides whether a request may go on, and finds out who it comes
// from: Lambda authorizers of HTTP APIs (Lambda) and of REST APIs (RESTLambda), JWT
// authorizers (JWT), Cognito user pools (Cognito), and callers that sign (IAM).
// REST is the guard of a method of a REST API as a whole: what authorizes it, joined
// with the API's resource policy by AWS's table.
//
// All of them are compiled with their stage. What outlives a stage is in Cache, the
// answers of Lambda authorizers, and in KeySets, the signing keys of issuers; the API
// types own them. Policies are compiled and judged in the package policy.
//
// An authorizer that cannot decide refuses with AWS's error: no request passes because
// something failed.
package authorizer
