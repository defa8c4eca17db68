package validate

import "testing"

func TestModels(t *testing.T) {
	m := NewModels("api", map[string]string{
		"House":  `{"type":"object","properties":{"contains":{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/Person"}}}}`,
		"Person": `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"house":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/House"}}}`,
		"Local":  `{"definitions":{"n":{"type":"integer"}},"type":"object","properties":{"n":{"$ref":"#/definitions/n"},"format":{"type":"string","format":"int32"}}}`,
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
		{"Local", `{"n":1.5}`, "[got number, want integer]"},
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
