package store

// SetWALLimit makes checkpoints more frequent than any test could wait for.
func SetWALLimit(n int64) { walLimit = n }

// Datasync is what the floor of a durable write is measured with.
var Datasync = datasync
