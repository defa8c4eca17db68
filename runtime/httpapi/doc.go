// Package httpapi serves HTTP APIs: it compiles the snapshot of a stage and answers
// the stage's requests.
//
// Type is the entry. A compiled stage has its routes in a matcher (router.go) and
// per route the steps of its pipeline (route.go): throttle, authorizer, request,
// integration, response. Requests and responses of the integrations are made in
// lambda*.go and proxy.go, errors in errors.go, CORS in cors.go, parameter mapping
// in mapping*.go.
//
// What REST APIs do differently (resource matching, gateway responses, templates)
// is not here.
package httpapi
