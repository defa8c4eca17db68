// Package lambdatest runs Lambda functions that are Go functions of the test, so that lambda.Service can be tested
// without processes or containers. [Executor] is an executor whose environments poll the Runtime API in a goroutine;
// everything between it and the Service, the pool included, is the real thing.
package lambdatest
