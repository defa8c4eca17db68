// Package policy judges IAM policy documents for calls of APIs: those that a Lambda
// authorizer returns, resource policies of REST APIs, and policies of signed callers.
//
// Parse and ParseResource compile a document once: patterns, condition operators and
// their values. Evaluate then holds a Request against it and says Allow, Deny or
// Silent; a Deny wins over every Allow. What cannot be understood (an unknown operator, a
// misspelled member) is an error of parsing and not left out, since leaving out a
// condition would let in whom it was to keep out.
//
// Which documents take part in a decision, and what an authorizer makes of the
// outcomes, is decided by the package above.
package policy
