// Package usage manages API keys and usage plans of Amazon API Gateway v1. Its
// operations are served by the mux of controlplane/apigateway (see Operations).
//
// Keys and plans apply without deploying: every change hands all of an account's
// keys and plans to the Meter, which judges requests and counts them.
package usage
