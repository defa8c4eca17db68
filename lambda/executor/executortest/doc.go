// Package executortest holds every executor to the same behaviour. An executor's own test calls [Run].
//
// The handlers are in testdata/functions at the module's root, one per language that do the same things; the Go one is built once
// per test run.
package executortest
