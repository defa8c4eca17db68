// Package runtimeapi is the HTTP API, version 2018-06-01, through which a Lambda runtime takes events and returns results.
//
// A [Server] serves one execution environment: [Server.Invoke] hands it an event, and [Events] tells its owner what the runtime did. The
// address is the environment's only credential, so every environment has a listener of its own ([Serve]). The package knows
// nothing of timeouts, processes or logs; package executor joins them.
//
// Beside it stands the part of the Extensions API, version 2020-01-01, that extensions inside the runtime process use. The Telemetry and Logs
// APIs answer that they are not supported, as AWS's own emulator does, so that extensions go on without them.
package runtimeapi
