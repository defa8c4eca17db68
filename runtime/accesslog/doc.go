// Package accesslog writes the access log lines of stages.
//
// Compile turns a stage's format into a Format once; the gateway renders the line of
// each request with it and puts it into the exchange record. Sink takes the lines off
// the stream of records, so that no request waits for its log.
package accesslog
