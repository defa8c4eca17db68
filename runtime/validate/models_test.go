package validate

import (
	"fmt"
	"strings"
	"testing"
)

func TestModels(t *testing.T) {
	m := NewModels("api", map[string]string{
		"House":  `{"type":"object","properties":{"contains":{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/Person"}}}}`,
		"Person": `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"house":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/House"}}}`,
		"Local":  `{"definitions":{"n":{"type":"integer"}},"type":"object","properties":{"n":{"$ref":"#/definitions/n"},"format":{"type":"string","format":"int32"}}}`,
		"Pet": `{"type":"object","required":["type","price"],"additionalProperties":false,"properties":{"type":{"enum":["dog","cat"]},"price":{"type":"number","minimum":25,"maximum":99.5},
			"name":{"type":"string","minLength":2,"maxLength":3,"pattern":"^[a-z]+$"},"tags":{"type":"array","minItems":1,"maxItems":2,"uniqueItems":true}}}`,
		"Shape": `{"type":"object","minProperties":1,"maxProperties":2,"dependencies":{"a":["b"]},"properties":{"n":{"multipleOf":2,"maximum":10,"exclusiveMaximum":true},
			"one":{"oneOf":[{"type":"string"},{"type":"null"}]},"any":{"anyOf":[{"type":"string"},{"type":"null"}]},"all":{"allOf":[{"type":"string"},{"maxLength":1}]},"not":{"not":{"type":"null"}},
			"pair":{"items":[{},{}],"additionalItems":false}}}`,
		"Secret":  `{"additionalProperties":false,"properties":{"p":{"pattern":"^(?=.*[A-Z])(?=.*\\d).{8,}$"}},"patternProperties":{"^(?!y)[a-z]-":{}}}`,
		"Endless": `{"allOf":[{"$ref":"#/definitions/a"}],"definitions":{"a":{"oneOf":[{"$ref":"#"}]}}}`,
		"Unknown": `{"$ref":"#/definitions/none"}`,
		"Far":     `{"$ref":"file:///etc/passwd"}`,
		"Broken":  `{`,
	})
	for _, tc := range []struct {
		model, body, want string // want empty: valid
	}{
		{"House", `{}`, ""},
		{"House", ``, ""},
		{"House", `{"contains":[{"name":"a","house":{"contains":[{"name":"b"}]}}]}`, ""},
		{"House", `{"contains":[{}]}`, `[object has missing required properties (["name"])]`},
		{"Person", ``, `[object has missing required properties (["name"])]`},
		{"Local", `{"n":1,"format":"x"}`, ""},
		{"Local", `{"n":1.5}`, `[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]`},
		{"Pet", `{}`, `[object has missing required properties (["price","type"])]`},
		{"Pet", `{"type":"bird","price":-1.5}`, `[instance value ("bird") not found in enum (possible values: ["dog","cat"]), numeric instance is lower than the required minimum (minimum: 25, found: -1.5)]`},
		{"Pet", `{"type":"dog","price":100,"age":1}`, `[numeric instance is greater than the required maximum (maximum: 99.5, found: 100), object instance has properties which are not allowed by the schema: ["age"]]`},
		{"Pet", `{"type":"dog","price":30,"name":1}`, `[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]`},
		{"Pet", `{"type":"dog","price":30,"name":"a"}`, `[string "a" is too short (length: 1, required minimum: 2)]`},
		{"Pet", `{"type":"dog","price":30,"name":"abcd"}`, `[string "abcd" is too long (length: 4, maximum allowed: 3)]`},
		{"Pet", `{"type":"dog","price":30,"name":"A1"}`, `[ECMA 262 regex "^[a-z]+$" does not match input string "A1"]`},
		{"Pet", `{"type":"dog","price":30,"tags":[]}`, `[array is too short: must have at least 1 elements but instance has 0 elements]`},
		{"Pet", `{"type":"dog","price":30,"tags":[1,2,3]}`, `[array is too long: must have at most 2 elements but instance has 3 elements]`},
		{"Pet", `{"type":"dog","price":30,"tags":[1,1]}`, `[array must not contain duplicate elements]`},
		{"Shape", `{}`, `[object has too few properties (found 0 but schema requires at least 1)]`},
		{"Shape", `{"n":4,"x":1,"y":2}`, `[object has too many properties (found 3 but schema requires at most 2)]`},
		{"Shape", `{"a":1}`, `[property "a" of object has missing property dependencies (schema requires ["b"]; missing: ["b"])]`},
		{"Shape", `{"n":3}`, `[remainder of division is not zero (3 / 2)]`},
		{"Shape", `{"n":10}`, `[numeric instance is not strictly lower than the required maximum 10]`},
		{"Shape", `{"n":12}`, `[numeric instance is greater than the required maximum (maximum: 10, found: 12)]`},
		{"Shape", `{"n":1e999999999}`, `[numeric instance is greater than the required maximum (maximum: 10, found: 1e999999999)]`},
		{"Shape", `{"one":1}`, `[instance failed to match exactly one schema (matched 0 out of 2)]`},
		{"Shape", `{"any":1}`, `[instance failed to match at least one required schema among 2]`},
		{"Shape", `{"all":"xy"}`, `[instance failed to match all required schemas (matched only 1 out of 2)]`},
		{"Shape", `{"not":null}`, `[instance matched a schema which it should not have]`},
		{"Shape", `{"pair":[1,2,3]}`, `[array is too long: must have at most 2 elements but instance has 3 elements]`},
		{"Local", `{"n":1.0}`, `[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]`},
		{"Secret", `{"p":"Passw0rd"}`, ""},
		{"Secret", `{"p":"passw0rd"}`, `[ECMA 262 regex "^(?=.*[A-Z])(?=.*\\d).{8,}$" does not match input string "passw0rd"]`},
		{"Secret", `{"x-a":"1"}`, ""},
		{"Secret", `{"y-a":"1"}`, `[object instance has properties which are not allowed by the schema: ["y-a"]]`},
		{"Local", `nonsense`, "[body is not JSON]"},
	} {
		s, err := m.Get(tc.model)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Body([]byte(tc.body)); got != tc.want || ok != (tc.want == "") {
			t.Errorf("%s %s: got %q, want %q", tc.model, tc.body, got, tc.want)
		}
	}
	// No schema makes Postern read a file or turn in circles, and a broken one is an error.
	for _, name := range []string{"Far", "Broken", "Endless", "Unknown", "Nosuch"} {
		if _, err := m.Get(name); err == nil {
			t.Errorf("%s compiles", name)
		}
	}
}

func TestMalformedSchema(t *testing.T) {
	for _, schema := range []string{
		`[]`, `{"type":"any"}`, `{"type":[]}`, `{"type":["string","string"]}`, `{"enum":[]}`, `{"enum":[1,1.0]}`, `{"allOf":[]}`, `{"anyOf":{}}`, `{"oneOf":[1]}`, `{"not":true}`,
		`{"minimum":"1"}`, `{"exclusiveMaximum":true}`, `{"maximum":1,"exclusiveMaximum":2}`, `{"multipleOf":0}`, `{"minLength":-1}`, `{"maxLength":1.5}`, `{"pattern":"("}`, `{"pattern":1}`,
		`{"items":[]}`, `{"items":true}`, `{"additionalItems":1}`, `{"uniqueItems":1}`, `{"minItems":"1"}`, `{"properties":[]}`, `{"properties":{"a":true}}`, `{"patternProperties":{"(":{}}}`,
		`{"additionalProperties":1}`, `{"required":[]}`, `{"required":[1]}`, `{"required":true}`, `{"dependencies":{"a":[]}}`, `{"dependencies":[]}`, `{"definitions":{"a":1}}`, `{"$ref":1}`, `{"$ref":"#a"}`, `{"$ref":"%zz"}`, `{"title":1}`,
	} {
		if _, err := NewModels("api", map[string]string{"M": schema}).Get("M"); err == nil {
			t.Errorf("%s compiles", schema)
		}
	}
}

// TestRunawayModels sees bodies refused that would take for ever to judge.
func TestRunawayModels(t *testing.T) {
	doubling := `{"definitions":{`
	for i := range 60 {
		next := fmt.Sprintf(`{"$ref":"#/definitions/d%d"}`, i+1)
		doubling += fmt.Sprintf(`"d%d":{"allOf":[%s,%s]},`, i, next, next)
	}
	doubling += `"d60":{"type":"object"}},"$ref":"#/definitions/d0"}`
	for name, tc := range map[string]struct{ schema, body string }{
		"references that double": {doubling, `{}`},
		"choices that double":    {strings.ReplaceAll(doubling, "allOf", "oneOf"), `{}`},
		"recursion that doubles": {
			`{"allOf":[{"properties":{"a":{"$ref":"M"}}},{"properties":{"a":{"$ref":"M"}}}]}`,
			strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60),
		},
		"costly pattern":                 {`{"items":{"pattern":"^(?:[a-z]?){1000}$"}}`, "[" + strings.Repeat(`"`+strings.Repeat("a", 1000)+`",`, 30) + `""]`},
		"pattern that backtracks":        {`{"not":{"pattern":"^(?=(a+)+$)"}}`, `"` + strings.Repeat("a", 40) + `b"`},
		"name of a member that does too": {`{"patternProperties":{"^(?=(a+)+$)":{"type":"null"}}}`, `{"` + strings.Repeat("a", 40) + `b":1}`},
	} {
		s, err := NewModels("api", map[string]string{"M": tc.schema}).Get("M")
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Body([]byte(tc.body)); ok || got != "[body takes too long to validate]" {
			t.Errorf("%s: got %.200q, %v", name, got, ok)
		}
	}
	if _, err := NewModels("api", map[string]string{"M": `{"pattern":"(?:[ab]?){1000}(?:[ab]?){1000}(?:[ab]?){1000}(?:[ab]?){1000}(?:[ab]?){1000}(?:[ab]?){1000}"}`}).Get("M"); err == nil {
		t.Error("a large pattern compiles")
	}
}

func FuzzModel(f *testing.F) {
	f.Add(`{"type":"object","required":["a"]}`, `{"a":1}`)
	f.Add(`{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/M"}`, `{}`)
	f.Add(`{"pattern":"(a+)+$"}`, `"aaaa"`)
	f.Fuzz(func(_ *testing.T, schema, body string) {
		if s, err := NewModels("api", map[string]string{"M": schema}).Get("M"); err == nil {
			s.Body([]byte(body))
		}
	})
}

func TestSizesOfImportedArrays(t *testing.T) {
	texts := map[string]string{
		"List":  `{"type":"array","minItems":2,"maxItems":3,"items":{"type":"string"}}`,
		"Lists": `{"type":"array","minItems":1,"items":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/List"}}`,
	}
	for _, tc := range []struct {
		imported, body string
		ok             bool
	}{
		{"", `["a"]`, false},
		{"List", `["a"]`, true},
		{"List", `["a","b","c","d"]`, true},
		{"List", `[1]`, false},
	} {
		m := NewModels("api", texts)
		m.Imported = map[string]bool{tc.imported: true}
		s, err := m.Get("List")
		if err != nil {
			t.Fatal(err)
		}
		if violations, ok := s.Body([]byte(tc.body)); ok != tc.ok {
			t.Errorf("imported %q, %s: %v %s", tc.imported, tc.body, ok, violations)
		}
		all, err := m.Get("Lists")
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := all.Body([]byte("[]")); ok {
			t.Errorf("imported %q: the sizes of another model count", tc.imported)
		}
	}
}
