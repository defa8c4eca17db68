// Package h1 is a lean HTTP/1.1 client for plain-text backends: one goroutine per
// exchange, no handing over between goroutines, a pool of idle connections.
//
// net/http's Transport runs two goroutines per connection and costs a proxy about as
// much as everything else it does. This client does less: no TLS, proxies, redirects,
// cookies or bodies of unknown length. Reading responses stays net/http's. The caller's
// context bounds the whole exchange, the response's body included.
package h1
