// Package http1 serves HTTP/1.0 and HTTP/1.1 connections.
//
// It stands where net/http's server could stand. Requests are parsed by net/http, and
// the tests hold both servers beside each other; handlers see no difference but that
// answers have no trailers. What it leaves out is what a gateway pays for with every
// request and does not need: a goroutine that reads ahead, deadlines that are set anew,
// a second buffer for the answer. It also keeps how clients spell the names of their
// headers.
package http1
