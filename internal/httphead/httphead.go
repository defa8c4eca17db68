// Package httphead reads the heads of HTTP/1 messages that are as plain as nearly all
// are, with one string for all their text. What it declines is for net/http to read, or
// to refuse: where it does not decline, both give the same.
package httphead

import (
	"bytes"
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Head is the head of a message.
type Head struct {
	Line   string // the first
	Fields http.Header
	Size   int // in bytes, the empty line at the end included
}

var end = []byte("\r\n\r\n")

// Plain reads the head that b begins with. It says false when that is not whole or has
// lines that are anything but a name, a colon and a value.
func Plain(b []byte) (h Head, ok bool) {
	i := bytes.Index(b, end)
	if i < 0 {
		return h, false
	}
	h.Size = i + len(end)
	line, rest, _ := strings.Cut(string(b[:i+2]), "\r\n")
	if h.Line = line; !httpguts.ValidHeaderFieldValue(line) {
		return h, false
	}
	n := strings.Count(rest, "\n")
	h.Fields = make(http.Header, n)
	values := make([]string, 0, n)
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\r\n")
		name, value, colon := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if !colon || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return h, false
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		if have, again := h.Fields[name]; again {
			h.Fields[name] = append(have, value)
			continue
		}
		values = append(values, value)
		h.Fields[name] = values[len(values)-1 : len(values) : len(values)]
	}
	return h, true
}

// BreaksLine tells whether a text has an end of a line in it, which no part of a head may.
func BreaksLine(s string) bool {
	return strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0
}

// Without tells whether none of the names, which are canonical, is among the fields.
func (h *Head) Without(names ...string) bool {
	for _, name := range names {
		if _, there := h.Fields[name]; there {
			return false
		}
	}
	return true
}

// Stays tells whether the message says nothing of its connection but that it goes on.
func (h *Head) Stays() bool {
	v, said := h.Fields["Connection"]
	return !said || len(v) == 1 && strings.EqualFold(v[0], "keep-alive")
}
