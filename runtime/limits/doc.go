// Package limits has what REST and HTTP APIs bound alike: the sizes of what comes in,
// and for how long a body is read that nobody wants.
package limits
