// Package authorizer decides whether a request may go on: Lambda authorizers of
// HTTP APIs and JWT authorizers. What the policies say that Lambda authorizers return
// is package policy's part.
//
// An authorizer is compiled with its stage. What outlives a stage, results that are
// kept for a time and the key sets of issuers, is in Cache and KeySets, which the
// API type owns. An authorizer that cannot decide refuses with AWS's error; a
// request never passes because something failed.
package authorizer
