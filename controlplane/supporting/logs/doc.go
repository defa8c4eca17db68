// Package logs serves CloudWatch Logs: groups, streams, their events and tags, and
// is the sink that Lambda and access logs are written to (Service.Put).
//
// Groups and streams are records. Events are records too, in batches, with an index
// of all of them in memory (journal) that reads use. There are two ways in:
//
//   - PutLogEvents is one transaction: what it acknowledged survives a restart when
//     there is a data directory.
//   - Put only queues, and never waits: a writer goroutine takes what is queued,
//     makes groups and streams that are missing, and stores one batch per stream.
//     What is queued when the process is killed is lost; when the queue is full,
//     events are dropped and counted. A read waits for what was queued before it,
//     so that an invocation's log is there as soon as its answer.
//
// AWS keeps events for ever; here each stream and the whole have a bound, above
// which the oldest batches go. A group's retention hides events by the injected
// clock at once, and the writer removes them.
//
// The filter pattern language is in package filterpattern.
package logs
