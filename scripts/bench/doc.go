// Command bench measures Postern beside its floors, in the same run on the same
// machine: a bare net/http server, a bare gateway with a Runtime API and the same
// function, nginx where it is installed, exec and `docker run` of the same function.
// Absolute times belong to one machine; the ratios in the last column travel.
//
//	go run ./scripts/bench                 # everything that the machine has the tools for
//	go run ./scripts/bench -run 'proxy'    # rows whose name matches
//	go run ./scripts/bench -seconds 5      # longer rounds
//
// CPU per request is user + system time of the server process, from /proc: Linux only.
package main
