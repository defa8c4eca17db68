package mapping

import (
	"fmt"
	"strings"

	"github.com/postern/postern/runtime/mapping/jsonpath"
	"github.com/postern/postern/runtime/vtl"
)

// input is $input.
type input struct {
	in     *Input
	text   string // the body, once asked for
	params *vtl.Map

	parsed   bool
	document any // nil also where the body cannot be read
	isJSON   bool
}

// emptyBody is what a template sees of an empty payload.
const emptyBody = "{}"

func (i *input) String() string { return "" }

func (i *input) body() string {
	switch {
	case len(i.in.Body) == 0:
		return emptyBody
	case i.text == "":
		i.text = string(i.in.Body)
	}
	return i.text
}

func (i *input) Property(name string) any {
	if name == "body" {
		return i.body()
	}
	return nil
}

func (i *input) Call(run *vtl.Run, name string, args []any) (any, error) {
	if len(args) > 1 {
		return nil, nil
	}
	switch name {
	case "params":
		if len(args) == 0 {
			return i.allParams(), nil
		}
		param, err := run.String(args[0])
		if err != nil {
			return nil, err
		}
		return i.param(param), nil
	case "path", "json":
		if len(args) == 0 {
			return nil, nil
		}
		v, found, err := i.lookup(run, args[0])
		if err != nil || name == "path" {
			return v, err
		}
		if !found {
			// AWS: null is the empty string, and this is its JSON.
			v = ""
		}
		return vtl.JSON(v)
	}
	return nil, nil
}

// lookup evaluates a JSONPath. A body that cannot be read has nothing to find.
//
// unverified against AWS: that half an object or list is so read; its first version, in
// 2015, answered 400 with the text of its parser.
func (i *input) lookup(run *vtl.Run, arg any) (v any, found bool, err error) {
	source, err := run.String(arg)
	if err != nil {
		return nil, false, err
	}
	if err := run.Charge(1 + len(source)/8); err != nil {
		return nil, false, err
	}
	path, err := jsonpath.Compile(source)
	if err != nil {
		return nil, false, err
	}
	if !i.parsed {
		i.parsed = true
		if err := run.Charge(1 + len(i.in.Body)/8); err != nil {
			return nil, false, err
		}
		i.document, err = vtl.DecodeLenient(i.body())
		i.isJSON = err == nil
	}
	if !i.isJSON {
		return nil, false, nil
	}
	v, found, err = path.Eval(i.document, run.Charge)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", source, err)
	}
	return v, found, nil
}

// allParams is $input.params(), in AWS's order.
func (i *input) allParams() *vtl.Map {
	if i.params == nil {
		i.params = vtl.NewMap(3).
			Set("path", paramMap(i.in.Path)).
			Set("querystring", paramMap(i.in.Query)).
			Set("header", headerMap(i.in.Header))
	}
	return i.params
}

// param is $input.params(name): path, then query string, then header.
func (i *input) param(name string) any {
	for _, location := range i.allParams().All() {
		if m, ok := location.(*vtl.Map); ok {
			if v, ok := m.Get(name); ok {
				return v
			}
		}
	}
	if i.in.FoldHeaders {
		return i.header(name)
	}
	return nil
}

// header finds a header whatever its letters' case.
func (i *input) header(name string) any {
	var value any
	for _, p := range i.in.Header {
		if strings.EqualFold(p.Name, name) && !dropped(p.Name) {
			value = p.Value
		}
	}
	return value
}
