// Package exchange holds what is known of one finished exchange, a request
// through the data plane, a WebSocket event or a Lambda invocation, and the
// stream on which such records reach whoever looks at them.
//
// Whoever serves the exchange fills one Record and hands it to Stream.Publish,
// which never waits. Records gather for a moment, so that sinks are woken for
// many at once; Flush and Close wait for none of that. Every sink (request line,
// trace ring, access log, metrics) is attached with a bounded queue of its own:
// a slow one loses records, which are counted, and slows nobody. The sinks
// themselves live elsewhere, those of the command in emulator/observe.
package exchange
