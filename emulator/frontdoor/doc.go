// Package frontdoor decides what a request on Postern's one port is for.
//
// Door.Classify is a pure function from a request's host, path, query and
// headers to a Target: an API's data plane, a function URL, Postern's own
// pages, or an AWS service. Rules are tried in this order:
//
//  1. host: {api}.execute-api…, {url}.lambda-url…, custom domain names
//  2. path forms of the same, for clients that cannot resolve *.localhost
//  3. /_postern/…
//  4. AWS service: SigV4 scope, X-Amz-Target, RPC path, Action and Version,
//     host, path
//
// The first rule is first on purpose: what an Authorization header says never
// turns a call to an API into a management call.
//
// Door.Admit is the other half of the door: it says whether a web page of a
// foreign origin is behind a request that is not for an API.
//
// Which services Postern has itself, and what it does with the others, is
// decided elsewhere (emulator, emulator/upstream).
package frontdoor
