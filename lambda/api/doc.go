// Package api is AWS Lambda's HTTP API over lambda.Service: it binds requests to the generated shapes, holds them to
// the model's constraints with Lambda's own wording, and shows records as AWS does. It decides nothing else.
//
// [New] gives the handler of the API itself; [API.CodeHandler] serves the zips that GetFunction's Code.Location points at. An
// operation stands in operations.go as soon as it is real; all others answer 501 by name.
package api
