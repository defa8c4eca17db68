// Package regex compiles the regular expressions that APIs bring along: in
// selection patterns, validation expressions, models, mapping templates and
// JSONPaths. On AWS most of them run in Java, whose syntax is read here and written
// anew for one of two engines.
//
// Go's never backtracks, but its time is still the length of the text times the size
// of the expression, and repetitions make an expression large with few characters. So
// a large one is refused, a match that would take too long is none, and whoever keeps
// accounts pays.
//
// What Go's engine lacks (lookaround, back references, atomic groups, possessive
// quantifiers, classes that intersect) runs on one that backtracks. Its time may grow
// exponentially with the text, so that it has a limit as well, and is paid for too.
//
// Where Java and both engines differ in what hardly anybody writes, Go's way is kept:
// $ is the end of the text and not also before a last line end, with (?m) lines end
// at \n only, and (?i) folds all letters.
package regex
