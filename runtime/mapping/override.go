package mapping

import (
	"strconv"

	"github.com/postern/postern/runtime/vtl"
)

// Override is what a template makes of one parameter.
type Override struct {
	Name   string
	Values []string
}

// RequestOverride is what the templates wrote to $context.requestOverride. It
// replaces mapped parameters.
type RequestOverride struct {
	Path, Query, Header []Override
}

// ResponseOverride is what the templates wrote to $context.responseOverride.
type ResponseOverride struct {
	// Status is 0 unless an integer from 100 to 599 was written.
	Status int
	Header []Override
}

// RequestOverride returns the request overrides written so far.
func (c *Context) RequestOverride() (RequestOverride, error) {
	m := c.member(requestOverride)
	if m == nil {
		return RequestOverride{}, nil
	}
	var o RequestOverride
	var err error
	if o.Path, err = overridesIn(m, "path"); err != nil {
		return o, err
	}
	if o.Query, err = overridesIn(m, "querystring"); err != nil {
		return o, err
	}
	o.Header, err = overridesIn(m, "header")
	return o, err
}

// ResponseOverride returns the response overrides written so far.
func (c *Context) ResponseOverride() (ResponseOverride, error) {
	m := c.member(responseOverride)
	if m == nil {
		return ResponseOverride{}, nil
	}
	header, err := overridesIn(m, "header")
	return ResponseOverride{Status: status(m), Header: header}, err
}

// member is a map in $context, nil if no template has used it.
func (c *Context) member(name string) *vtl.Map {
	if c == nil || c.root == nil {
		return nil
	}
	v, _ := c.root.Get(name)
	m, _ := v.(*vtl.Map)
	return m
}

func overridesIn(m *vtl.Map, location string) ([]Override, error) {
	v, _ := m.Get(location)
	params, ok := v.(*vtl.Map)
	if !ok || params.Len() == 0 {
		return nil, nil
	}
	overrides := make([]Override, 0, params.Len())
	for key, value := range params.All() {
		name, err := vtl.String(key)
		if err != nil {
			return nil, err
		}
		o := Override{Name: name}
		items := []any{value}
		if l, ok := value.(*vtl.List); ok {
			items = l.Items
		}
		for _, item := range items {
			s, err := vtl.String(item)
			if err != nil {
				return nil, err
			}
			o.Values = append(o.Values, s)
		}
		overrides = append(overrides, o)
	}
	return overrides, nil
}

// status reads responseOverride.status; what is no HTTP status is ignored.
func status(m *vtl.Map) int {
	v, _ := m.Get("status")
	s, err := vtl.String(v)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return n
}
