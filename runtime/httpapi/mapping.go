package httpapi

import (
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// mapping is the parameter mapping of an integration, both ways. The zero value
// changes nothing.
type mapping struct {
	onRequest  []change
	onResponse map[int][]change

	readsBody     bool // the request's
	readsResponse bool
	changesQuery  bool
}

// change is one parameter that is set or removed.
type change struct {
	action action
	place  place
	name   string
	value  value
}

type action uint8

// In the order of their application.
//
// unverified against AWS: the order is not documented.
const (
	removal action = iota
	overwrite
	appending
)

type place uint8

const (
	inHeader place = iota
	inQuery
	inPath
	inStatus
)

// outgoing is what mapping may change of a request.
type outgoing struct {
	header   http.Header
	query    []reqcontext.Param
	rawQuery string
	path     string // escaped, without a stage; empty: as it is
}

func compileMapping(in *snapshot.HTTPIntegration) (*mapping, error) {
	m := &mapping{onResponse: map[int][]change{}}
	var err error
	// The request parameters of a service integration are those of the service's call.
	if in.Subtype == "" {
		if m.onRequest, err = compileChanges(in.RequestParameters, fromRequest); err != nil {
			return nil, err
		}
	}
	for _, c := range m.onRequest {
		m.readsBody = m.readsBody || c.value.readsBody
		m.changesQuery = m.changesQuery || c.place == inQuery
	}
	for code, params := range in.ResponseParameters {
		status, err := strconv.Atoi(code)
		if err != nil {
			return nil, fmt.Errorf("status code %s: %w", code, err)
		}
		changes, err := compileChanges(params, fromResponse)
		if err != nil {
			return nil, err
		}
		for _, c := range changes {
			m.readsResponse = m.readsResponse || c.value.readsBody
		}
		m.onResponse[status] = changes
	}
	return m, nil
}

func compileChanges(params map[string]string, from side) ([]change, error) {
	var out []change
	for key, text := range params {
		c, err := parseKey(key)
		if err != nil {
			return nil, err
		}
		if c.action != removal {
			compile := compileValue
			if c.place == inPath {
				compile = compilePath
			}
			if c.value, err = compile(text, from); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b change) int {
		if a.action != b.action {
			return int(a.action) - int(b.action)
		}
		return strings.Compare(a.name, b.name)
	})
	return out, nil
}

var actions = map[string]action{"remove": removal, "overwrite": overwrite, "append": appending}

// parseKey reads "append:header.name", "overwrite:path" and their like.
func parseKey(key string) (change, error) {
	verb, destination, _ := strings.Cut(key, ":")
	act, ok := actions[verb]
	if !ok {
		return change{}, fmt.Errorf("parameter %q has no action", key)
	}
	kind, name, _ := strings.Cut(destination, ".")
	c := change{action: act, name: name}
	switch {
	case kind == "header" && name != "":
		c.place, c.name = inHeader, textproto.CanonicalMIMEHeaderKey(name)
	case kind == "querystring" && name != "":
		c.place = inQuery
	case destination == "path" && act == overwrite:
		c.place = inPath
	case destination == "statuscode" && act == overwrite:
		c.place = inStatus
	default:
		return change{}, fmt.Errorf("parameter %q has no destination", key)
	}
	return c, nil
}

// request applies the request's changes. Every value is read from the request as it
// arrived.
func (m *mapping) request(rc *reqcontext.Context, out *outgoing) {
	if len(m.onRequest) == 0 {
		return
	}
	s := source{rc: rc, header: rc.Header, body: rc.Body}
	for i := range m.onRequest {
		c := &m.onRequest[i]
		text, ok := c.text(&s)
		if !ok {
			continue
		}
		switch c.place {
		case inHeader:
			c.header(out.header, text)
		case inQuery:
			out.query = c.query(out.query, text)
		case inPath:
			out.path = "/" + strings.TrimPrefix(text, "/")
		}
	}
	if m.changesQuery {
		out.rawQuery = encodeQuery(out.query)
	}
}

// response applies the changes for the status that the integration returned.
func (m *mapping) response(rc *reqcontext.Context, res *integration.Response) {
	changes := m.onResponse[res.Status]
	if len(changes) == 0 {
		return
	}
	s := source{rc: rc, header: res.Header.Clone(), body: res.Body}
	for i := range changes {
		c := &changes[i]
		text, ok := c.text(&s)
		if !ok {
			continue
		}
		switch c.place {
		case inHeader:
			c.header(res.Header, text)
		case inStatus:
			if status, err := statusCode([]byte(text)); err == nil {
				res.Status = status
			}
		}
	}
}

// text gives the value to set; false when the change has none and is skipped.
func (c *change) text(s *source) (string, bool) {
	if c.action == removal {
		return "", true
	}
	return c.value.text(s)
}

func (c *change) header(h http.Header, text string) {
	if strings.ContainsAny(text, "\r\n\x00") {
		text = strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(text)
	}
	switch prior := h[c.name]; {
	case c.action == removal:
		delete(h, c.name)
	case c.action == appending && len(prior) > 0:
		h[c.name] = []string{strings.Join(prior, ",") + "," + text}
	default:
		h[c.name] = []string{text}
	}
}

func (c *change) query(q []reqcontext.Param, text string) []reqcontext.Param {
	if c.action != appending {
		q = slices.DeleteFunc(slices.Clone(q), func(p reqcontext.Param) bool { return p.Name == c.name })
	}
	if c.action == removal {
		return q
	}
	return append(slices.Clip(q), reqcontext.Param{Name: c.name, Value: text})
}

func encodeQuery(q []reqcontext.Param) string {
	var b strings.Builder
	for i, p := range q {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.Value))
	}
	return b.String()
}
