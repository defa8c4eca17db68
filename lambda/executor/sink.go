package executor

import "time"

// LogStream names where an environment's log goes.
type LogStream struct {
	Account, Region string
	Group, Stream   string
}

// LogEvent is one line of a function's log, or a longer entry of Lambda's own.
type LogEvent struct {
	Time    time.Time
	Message string
}

// LogSink takes log events. The calls for one stream do not overlap and come in order. A group or stream that does not
// exist yet comes into being. PutLogEvents returns quickly: it must not do what could block.
type LogSink interface {
	PutLogEvents(stream LogStream, events []LogEvent)
}
