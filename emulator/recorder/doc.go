// Package recorder stands in for the AWS services that APIs call and that nobody
// serves: it remembers what it got, and answers as the service would that took it.
//
// Recorder.Answer takes a call; the answers are in answers.go and, for services with
// more to say, in files of their own. Of all services only SQS has something behind
// its answers: queues.go keeps messages until they are deleted, purged or too many, so
// that one API can send and another receive. No state machine runs and no stream can be
// read. A receiver waits as it asks to (waiting.go). A call that has no answer here is
// recorded all the same. ServeHTTP shows the calls (page.go).
package recorder
