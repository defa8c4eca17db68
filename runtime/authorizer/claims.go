package authorizer

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
)

// claims are a token's claims as they were decoded.
type claims map[string]any

func (c claims) string(name string) string {
	s, _ := c[name].(string)
	return s
}

func (c claims) number(name string) (float64, bool) {
	n, ok := c[name].(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// list gives a claim that is a string or a list of strings.
func (c claims) list(name string) []string {
	switch v := c[name].(type) {
	case string:
		return []string{v}
	case []any:
		out := make([]string, 0, len(v))
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// scopes are the granted ones: a string with spaces, or a list.
func (c claims) scopes() []string {
	for _, name := range []string{"scope", "scp"} {
		if s, ok := c[name].(string); ok {
			return strings.Fields(s)
		}
		if l := c.list(name); l != nil {
			return l
		}
	}
	return []string{}
}

// current checks a token's times. AWS names no allowance for clocks that differ.
func (c claims) current(now time.Time) error {
	at := float64(now.Unix())
	if exp, ok := c.number("exp"); !ok || at >= exp {
		return errExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		if _, present := c[name]; !present {
			continue
		}
		if from, ok := c.number(name); !ok || at < from {
			return errEarly
		}
	}
	return nil
}

// text gives every claim as integrations of HTTP APIs see it.
//
// AWS: all of them are strings; a list becomes [a b], as Go prints one.
func (c claims) text() map[string]string {
	out := make(map[string]string, len(c))
	for name, v := range c {
		out[name] = claimText(v, "[", " ", "]")
	}
	return out
}

// restText gives every claim as integrations of REST APIs see it.
//
// AWS: exp and iat are dates as Java prints them, while auth_time stays a number; a
// list is joined by commas. Seen in public reports.
func (c claims) restText() map[string]string {
	out := make(map[string]string, len(c))
	for name, v := range c {
		if seconds, ok := c.number(name); ok && (name == "exp" || name == "iat") {
			out[name] = time.Unix(int64(seconds), 0).UTC().Format("Mon Jan 02 15:04:05 MST 2006")
			continue
		}
		out[name] = claimText(v, "", ",", "")
	}
	return out
}

func claimText(v any, open, separator, end string) string {
	list, ok := v.([]any)
	if !ok {
		return reqcontext.Text(v)
	}
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = claimText(e, open, separator, end)
	}
	return open + strings.Join(parts, separator) + end
}
