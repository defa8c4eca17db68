// Package code checks and unpacks the zip archives of functions and layers.
//
// [Open] checks an archive once, when it is uploaded; [Archive.Unpack] writes it to a directory and [Archive.WriteTar] into a tar
// stream, both with the same names, modes and limits, so that an environment sees the same files whichever way they came.
package code
