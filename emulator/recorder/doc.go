// Package recorder stands in for the AWS services that APIs call and that nobody
// serves: it remembers what it got, and answers as the service would that took it.
//
// Recorder.Answer takes a call; the answers are in answers.go and, for services with
// more to say, in files of their own. Nothing is behind them: no queue keeps a message
// and no state machine runs. A call that has no answer here is recorded all the same.
// ServeHTTP shows the calls.
package recorder
