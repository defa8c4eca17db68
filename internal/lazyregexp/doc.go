// Package lazyregexp holds a program's fixed regular expressions until they are
// used. Compiling them all takes milliseconds, which a start that is measured in
// milliseconds has none of to give.
package lazyregexp
