// Package vtl parses and runs the Velocity Template Language the way Amazon
// API Gateway's mapping templates do. It is a pure language engine: it knows
// nothing of requests, APIs or $input; whoever renders a template puts those
// into the Env.
//
// Parse turns source text into a Template once, when an API is deployed; its
// errors carry line and column. Template.Execute renders it any number of
// times, concurrently, within Limits.
//
// The dialect is Velocity 1.7 (its tokens, its eating of line ends, its truth
// of values) with one layer above it: a reference that would be null is the
// empty string. So undefined names print nothing, equal "" and are true in
// #if. #macro definitions vanish and calls of unknown directives print as they
// were written.
//
// Values are Go values with Java's behaviour: nil (null), bool, int64 and
// *big.Int (Integer, Long, BigInteger), float64 (Double), string, *Map (an
// ordered LinkedHashMap), *List and any Object that the host supplies. They
// print as Java prints them, except that lists read from JSON print as compact
// JSON, which is what API Gateway's JSON library does.
package vtl
