// Command postern runs a local Amazon API Gateway, with Lambda functions behind
// it, on one port. All it does itself is to read flags and environment and to
// talk to the user; what runs is package emulator.
package main
