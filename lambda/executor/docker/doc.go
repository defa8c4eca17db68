// Package docker runs each execution environment of a Lambda function in a container of its own, from AWS's base images.
//
// [New] connects to the engine, finds out how containers reach this process, and sweeps what a dead Postern left. Nothing is
// added to the images: the official entry point runs, and AWS_LAMBDA_RUNTIME_API leads straight to a listener in this
// process, one for each environment, bound to the one address that containers need and never to all.
//
// # Code
//
// Prepare uploads code and layers once per function version into volumes, through a container that is never started, and
// environments mount these volumes read-only. An upload works with remote engines and from inside a container, where a
// bind mount would silently show an empty directory; doing it once keeps it off the path of the first invocation.
// Hot reload (Spec.CodeDir) is the exception and is a bind mount.
//
// # Network
//
// Most of a container's start is its network endpoint, so environments join the network namespace of one held container
// that this Postern keeps up: a third of the time. The held container runs a program of a few bytes that only waits; package
// docker writes it itself (see pause.go) and uploads it into a container made from the first function's image, so it
// needs no image of its own, works on images without a shell, and does not depend on how Postern was built.
// The price: environments share localhost, so two that bind the same port collide. Config.Isolate gives each its own
// endpoint, as does a held container that cannot be started.
//
// # Process
//
// An init of the engine's is process 1, as on AWS one of Lambda's is: a runtime that is process 1 itself cannot be ended by its own
// signals. Since an init hides that a program is missing, Prepare looks for the entry point.
//
// # What differs from AWS
//
// Environments are not frozen between invocations, EphemeralStorage is not enforced (a memory file system would count
// against the memory limit), the rest of the file system is writable as far as the user 993 may, the CPU is not scaled with memory,
// and external extensions in /opt/extensions are not started; a warning says so.
package docker
