// Package execlog records what becomes of one request in the words of AWS's
// execution log.
//
// A Log collects lines while a method runs; nil is the log of a method that has none.
// Its two readers are TestInvokeMethod, which shows them as one text, and the log
// group of the stage, which gets those that the method's settings ask for as events.
// The texts are those of the steps: runtime/rest writes them.
package execlog
