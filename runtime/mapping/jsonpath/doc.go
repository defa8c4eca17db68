// Package jsonpath evaluates the JSONPath dialect of API Gateway, which is
// Jayway's, over vtl values.
//
// Compile reads a path once; Path.Eval looks it up. A definite path has one
// value or none; an indefinite one (wildcard, list of indexes, slice, filter,
// "..") has a list, empty if nothing matches.
//
// It is our own because libraries for Go follow other dialects and lose the
// order of keys, which $input.json has to keep.
package jsonpath
