// Package validate checks requests to REST APIs: required parameters, and bodies
// against models, which are JSON schemas of draft 4 that may refer to each other by
// their canonical URLs.
//
// Models compiles an API's schemas once, at deployment; a Schema is then used
// concurrently. Which model a request is checked with is the caller's affair.
//
// The validator is the package's own. What counts as one violation, how it is worded
// and which keywords are left out are API Gateway's, and the libraries for draft 4
// compile the metaschemas of every draft whenever a program starts, which would be a
// third of Postern's start. One of them judges this one in the tests.
package validate
