// Package usage manages API keys and usage plans of Amazon API Gateway v1. Its
// operations are served by the mux of controlplane/apigateway (see Operations).
//
// Keys and plans apply without deploying: they are handed to the Meter, which judges
// requests and counts them. A change of a plan hands over all of an account's keys and
// plans in a region; a key that comes, goes or changes is told of alone, since there may
// be ten thousand.
package usage
