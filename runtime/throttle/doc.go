// Package throttle keeps the token buckets of stages and routes.
//
// A compiled stage asks Buckets for its buckets by key. A stage that is published
// anew finds the bucket it had with its tokens, at the new rate; a bucket that no
// stage holds any more is forgotten. Accounts has what an account's APIs share.
package throttle
