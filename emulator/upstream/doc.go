// Package upstream passes the requests of AWS services that Postern does not
// have itself to where the user says they are served, another emulator as a
// rule. Body, signature and Host stay as the client sent them. A service
// without an upstream is refused in its own error shape, with the flag to set.
package upstream
