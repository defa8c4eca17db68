// Package listen serves one http.Handler on one port in every way that clients
// come: HTTP/1.1, HTTP/2 without TLS (by prior knowledge), and TLS with either
// of them by ALPN. The first byte of a connection tells TLS from the rest.
//
// Certificates are made for whatever name a client asks for, by an Authority
// that comes into being at the first TLS handshake: nothing is done at start
// for what may never be used.
package listen
