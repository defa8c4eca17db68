// Package emulator puts Postern together: it is the only package that knows all parts.
//
// Start runs an emulator on one port; New and Handler give it without a listener of its
// own. What a request is for is decided by frontdoor; dispatch.go hands it on: to
// the data plane (runtime), to an AWS service (controlplane, lambda), to an upstream
// for the services that Postern does not have, or to Postern's own pages (pages.go).
// services.go builds the services and joins those that need one another through the
// small interfaces that they declare; adapters.go holds what stands between two of them.
//
// Tests start one with emulatortest.Start.
package emulator
