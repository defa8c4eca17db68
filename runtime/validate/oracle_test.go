package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/postern/postern/runtime/regex"
)

// FuzzOracle compares verdicts with a well-kept validator's. What that accepts as a
// schema is one here too, and finds the same bodies valid.
func FuzzOracle(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"type":["integer","string"],"minimum":1,"maximum":5,"exclusiveMaximum":true,"multipleOf":2}`, `4`},
		{`{"type":"string","minLength":1,"maxLength":2,"pattern":"^a"}`, `"ab"`},
		{`{"enum":[1,"1",null,{"a":[1,{"b":2}]}]}`, `{"a":[1,{"b":2}]}`},
		{`{"items":[{"type":"null"},{"type":"boolean"}],"additionalItems":{"type":"integer"},"maxItems":4,"uniqueItems":true}`, `[null,true,1,2]`},
		{`{"items":[{}],"additionalItems":false,"minItems":1}`, `[1,2]`},
		{`{"properties":{"a":{"type":"integer"}},"patternProperties":{"^x":{"type":"string"}},"additionalProperties":{"type":"null"},"required":["a"],"minProperties":1,"maxProperties":3}`, `{"a":1,"x1":"y","b":null}`},
		{`{"dependencies":{"a":["b"],"b":{"required":["c"]}}}`, `{"a":1,"b":2}`},
		{`{"allOf":[{"type":"object"},{"required":["a"]}],"anyOf":[{"required":["b"]},{"required":["c"]}],"oneOf":[{"required":["d"]},{"required":["e"]}],"not":{"required":["f"]}}`, `{"a":1,"b":2,"d":3}`},
		{`{"definitions":{"node":{"properties":{"next":{"$ref":"#/definitions/node"},"value":{"type":"integer"}}},"a/b~c":{"type":"null"}},"properties":{"list":{"$ref":"#/definitions/node"},"odd":{"$ref":"#/definitions/a~1b~0c"}}}`, `{"list":{"next":{"next":{"value":"x"}}},"odd":null}`},
		{`{"properties":{"a":{"$ref":"M"},"b":{"$ref":"#/properties/c"},"c":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/M#/definitions/d"}},"definitions":{"d":{"type":"string"}}}`, `{"a":{"b":"x"}}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, schema, body string) {
		document, err := decode([]byte(schema))
		if err != nil {
			return
		}
		value, err := decode([]byte(body))
		if err != nil || !plain(value) || !plain(document) {
			return
		}
		judge, err := oracle(document)
		if err != nil {
			return
		}
		s, err := NewModels("api", map[string]string{"M": schema}).Get("M")
		if errors.Is(err, errEndless) || errors.Is(err, errNothing) {
			return // which the other finds when it comes by, in definitions of no use never
		}
		if err != nil {
			t.Fatalf("%s does not compile: %v", schema, err)
		}
		got, want := newFindings(len(body)), judge.Validate(value)
		s.add(value, got)
		if *got.left < 0 {
			return // refused for what it costs
		}
		if (len(got.violations) == 0) != (want == nil) {
			t.Errorf("%s of %s:\n got %q\nwant %v", body, schema, got.violations, want)
		}
	})
}

// plain tells whether all numbers are integers of moderate size: in draft 4 1.0 is
// none, where the other takes all drafts alike.
func plain(v any) bool {
	switch v := v.(type) {
	case json.Number:
		return !strings.ContainsAny(v.String(), ".eE") && len(v) < 20
	case []any:
		for _, e := range v {
			if !plain(e) {
				return false
			}
		}
	case map[string]any:
		for _, e := range v {
			if !plain(e) {
				return false
			}
		}
	}
	return true
}

const urlOfM = modelsOf + "api/models/M"

func oracle(document any) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(none{})
	c.UseRegexpEngine(func(expression string) (jsonschema.Regexp, error) {
		re, err := regex.Compile(expression)
		return pattern{re, expression}, err
	})
	document, err := decode([]byte(text(document))) // a copy
	if err != nil {
		return nil, err
	}
	forgive(document)
	if err := c.AddResource(urlOfM, document); err != nil {
		return nil, err
	}
	return c.Compile(urlOfM)
}

// pattern is an expression of both: what is compared is what is done with it.
type pattern struct {
	*regex.Regexp
	expression string
}

func (p pattern) String() string { return p.expression }

type none struct{}

func (none) Load(url string) (any, error) { return nil, fmt.Errorf("no %s", url) }

// forgive takes out of a schema what API Gateway does not look at. The names of
// properties are left alone.
func forgive(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			forgive(e)
		}
	case map[string]any:
		for _, k := range []string{"format", "default", "readOnly", "discriminator", "example", "exclusiveMinimum", "$schema", "id"} {
			delete(v, k)
		}
		for k, e := range v {
			switch k {
			case "properties", "patternProperties", "definitions", "dependencies":
				if named, ok := e.(map[string]any); ok {
					for _, schema := range named {
						forgive(schema)
					}
				}
			case "enum":
			default:
				forgive(e)
			}
		}
	}
}
