// Package observe shows the user what the emulator did: sinks of the stream of
// exchange records. RequestLog writes a line for each, Traces remembers the
// last of them for GET /_postern/traces.
package observe
