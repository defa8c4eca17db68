// Package snapshot describes deployed stages as immutable plain data: what the
// control plane freezes and the runtime compiles. Stage is the envelope that all
// API types share; each type's own part is in a file of its own.
//
// A snapshot says everything that serving needs and nothing of how it was edited:
// ids are resolved, defaults are filled in. Nobody changes one after it was handed
// to the runtime.
package snapshot
