// Package validate checks requests to REST APIs: required parameters, and bodies
// against models, which are JSON schemas of draft 4 that may refer to each other by
// their canonical URLs.
//
// Models compiles an API's schemas once, at deployment; a Schema is then used
// concurrently. Which model a request is checked with is the caller's affair.
package validate
