package validate

import "testing"

func TestModels(t *testing.T) {
	m := NewModels("api", map[string]string{
		"House":  `{"type":"object","properties":{"contains":{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/Person"}}}}`,
		"Person": `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"house":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/House"}}}`,
		"Local":  `{"definitions":{"n":{"type":"integer"}},"type":"object","properties":{"n":{"$ref":"#/definitions/n"},"format":{"type":"string","format":"int32"}}}`,
		"Pet": `{"type":"object","required":["type","price"],"additionalProperties":false,"properties":{"type":{"enum":["dog","cat"]},"price":{"type":"number","minimum":25,"maximum":99.5},
			"name":{"type":"string","minLength":2,"maxLength":3,"pattern":"^[a-z]+$"},"tags":{"type":"array","minItems":1,"maxItems":2,"uniqueItems":true}}}`,
		"Far":    `{"$ref":"file:///etc/passwd"}`,
		"Broken": `{`,
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
	// No schema makes Postern read a file, and a broken one is an error.
	for _, name := range []string{"Far", "Broken", "Nosuch"} {
		if _, err := m.Get(name); err == nil {
			t.Errorf("%s compiles", name)
		}
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
