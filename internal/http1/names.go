package http1

import (
	"bytes"
	"net/http"
	"net/textproto"
)

// SentAs tells how a request's client spelled the names of its headers, which net/http
// does not keep. It gives a function that turns a canonical name into the client's, to
// be used while the request is served and by one goroutine; nil: the request is none
// of this package's.
func SentAs(r *http.Request) func(name string) string {
	h, ok := r.Context().Value(headKey{}).(*head)
	if !ok {
		return nil
	}
	return h.sentAs
}

type headKey struct{}

// head is the text of a request's line and headers.
type head struct {
	text  []byte
	whole bool

	sentAs func(name string) string // spelled
	asked  bool
	others map[string]string // what names gives
}

// spelled gives the client's spelling of a canonical name.
func (h *head) spelled(name string) string {
	if !h.asked {
		h.asked, h.others = true, h.names()
	}
	if own, ok := h.others[name]; ok {
		return own
	}
	return name
}

// keptHead is how much memory a connection keeps between requests.
const keptHead = 4 << 10

func (h *head) begin() {
	h.asked, h.others = false, nil
	if h.text, h.whole = h.text[:0], false; cap(h.text) > keptHead {
		h.text = nil
	}
}

// keep takes a head that is whole.
func (h *head) keep(p []byte) { h.text, h.whole = append(h.text, p...), true }

func (h *head) heard(p []byte) {
	if h.whole {
		return
	}
	from := max(len(h.text)-len(headEnd)+1, 0)
	h.text = append(h.text, p...)
	if i := bytes.Index(h.text[from:], headEnd); i >= 0 {
		h.text, h.whole = h.text[:from+i], true
	}
}

// names gives the names that are not canonical, by those that are; nil: there are none.
func (h *head) names() map[string]string {
	var out map[string]string
	for line := range bytes.SplitSeq(h.text, []byte("\r\n")) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || isCanonical(name) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[textproto.CanonicalMIMEHeaderKey(string(name))] = string(name)
	}
	return out
}

// isCanonical tells whether a name is written as net/http writes it: a capital letter
// in front and behind each hyphen, and no others.
func isCanonical(name []byte) bool {
	upper := true
	for _, c := range name {
		if upper && 'a' <= c && c <= 'z' || !upper && 'A' <= c && c <= 'Z' {
			return false
		}
		upper = c == '-'
	}
	return true
}
