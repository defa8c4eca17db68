package event

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// Input is the part of an event that parameter mapping may change.
type Input struct {
	// Header holds what the function gets to see, with the gateway's own.
	Header http.Header
	Query  []reqcontext.Param
	// RawQuery goes into format 2.0 only.
	RawQuery string
	// Path is the escaped path with the stage.
	Path   string
	Body   []byte
	Base64 bool // send the body in base64
}

// TextBody tells whether an HTTP API hands a body on as text.
//
// AWS: the Content-Type decides and not the bytes. Form data, multipart, vendor
// types and a missing type are base64; so is whatever has a Content-Encoding.
func TextBody(h http.Header) bool {
	if h.Get("Content-Encoding") != "" {
		return false // unverified against AWS: recorded for no text type
	}
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch media {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(media, "text/")
}

func (o *object) body(in *Input) {
	o.key("body")
	if !in.Base64 {
		o.dst = appendString(o.dst, in.Body)
		return
	}
	o.dst = append(o.dst, '"')
	o.dst = base64.StdEncoding.AppendEncode(o.dst, in.Body)
	o.dst = append(o.dst, '"')
}

// pair is a name with all of its values.
type pair struct {
	name   string
	values []string
}

// group joins the values of each name and orders the names.
func group(params []reqcontext.Param) []pair {
	out := make([]pair, 0, len(params))
next:
	for _, p := range params {
		for i := range out {
			if out[i].name == p.Name {
				out[i].values = append(out[i].values, p.Value)
				continue next
			}
		}
		out = append(out, pair{p.Name, []string{p.Value}})
	}
	slices.SortFunc(out, byName)
	return out
}

func headerPairs(h http.Header) []pair {
	out := make([]pair, 0, len(h))
	for name, values := range h {
		if len(values) > 0 {
			out = append(out, pair{name, values})
		}
	}
	slices.SortFunc(out, byName)
	return out
}

func byName(a, b pair) int { return strings.Compare(a.name, b.name) }

// lastValues writes {name: last value}; multiValues writes {name: [values]}.
func (o *object) lastValues(name string, pairs []pair) {
	o.key(name)
	in := open(o.dst)
	for _, p := range pairs {
		in.anyKey(p.name)
		in.dst = appendString(in.dst, p.values[len(p.values)-1])
	}
	o.dst = in.close()
}

func (o *object) multiValues(name string, pairs []pair) {
	o.key(name)
	in := open(o.dst)
	for _, p := range pairs {
		in.anyKey(p.name)
		in.dst = appendList(in.dst, p.values)
	}
	o.dst = in.close()
}

// joined writes {name: values joined by commas}.
func (o *object) joined(name string, pairs []pair) {
	o.key(name)
	in := open(o.dst)
	for _, p := range pairs {
		in.anyKey(p.name)
		in.dst = appendString(in.dst, strings.Join(p.values, ","))
	}
	o.dst = in.close()
}

func (o *object) params(name string, params []reqcontext.Param) {
	o.key(name)
	in := open(o.dst)
	for _, p := range params {
		in.anyKey(p.Name)
		in.dst = appendString(in.dst, p.Value)
	}
	o.dst = in.close()
}
