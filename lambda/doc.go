// Package lambda is the Lambda service: functions with their versions and aliases, layers, permissions, reserved
// concurrency, and invocations of all three types.
//
// [Service] keeps its records in the store and runs versions in an executor's pool. What an operation of AWS's API
// decides is decided here; package api only translates requests and answers. Errors that a caller of AWS would see are
// [*Error], with AWS's codes and texts.
//
// A change of $LATEST answers before the executor is ready for it: the record says Pending or InProgress, a goroutine
// prepares the version, and then the record becomes Active and Successful (deploy.go). Until then invocations run what
// was there before, or wait if there was nothing. Published versions, and everything after a restart, are
// prepared by their first invocation.
//
// How a handler runs is package executor's business, log groups and roles are other services': they are joined
// through [Config].
package lambda
