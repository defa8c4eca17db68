// Package event writes the JSON events that Lambda functions get from an API:
// payload formats 1.0 and 2.0 of HTTP APIs and the proxy event of REST APIs.
//
// The encoders append to a buffer and write members in AWS's order, absent members
// left out or null exactly where AWS does. The facts come from reqcontext; Input
// has what parameter mapping may have changed.
package event
