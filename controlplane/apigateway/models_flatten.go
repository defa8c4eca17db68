package apigateway

import (
	"encoding/json"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
)

// flatten gives a model's schema with the models that it refers to written into
// its definitions, so that it stands alone.
func (tx *txn) flatten(apiID string, m *Model) (string, error) {
	f := flattener{tx: tx, apiID: apiID, definitions: map[string]any{}}
	var schema any
	if err := json.Unmarshal([]byte(m.Schema), &schema); err != nil {
		return "", awsapi.BadRequest("Invalid model specified: %s", m.Name)
	}
	schema = f.resolve(schema)
	if root, ok := schema.(map[string]any); ok && len(f.definitions) > 0 {
		have, _ := root["definitions"].(map[string]any)
		if have == nil {
			have = map[string]any{}
			root["definitions"] = have
		}
		for name, def := range f.definitions {
			have[name] = def
		}
	}
	out, err := json.Marshal(schema)
	return string(out), err
}

type flattener struct {
	tx          *txn
	apiID       string
	definitions map[string]any
}

// resolve rewrites references to models into references to definitions, and adds
// those definitions. A model that refers to itself is added once.
func (f *flattener) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = f.resolve(v[i])
		}
	case map[string]any:
		for k := range v {
			if ref, ok := v[k].(string); ok && k == "$ref" {
				v[k] = f.reference(ref)
				continue
			}
			v[k] = f.resolve(v[k])
		}
	}
	return v
}

func (f *flattener) reference(ref string) string {
	name, ok := modelInURL(ref)
	if !ok {
		return ref
	}
	m, err := f.tx.model(&f.apiID, &name)
	if err != nil {
		return ref
	}
	if _, done := f.definitions[name]; !done {
		f.definitions[name] = nil // a cycle ends here
		var schema any
		if json.Unmarshal([]byte(m.Schema), &schema) == nil {
			f.definitions[name] = f.resolve(schema)
		}
	}
	return "#/definitions/" + name
}

// modelInURL finds the model's name in its canonical URL
// https://apigateway.amazonaws.com/restapis/{apiId}/models/{name}.
func modelInURL(ref string) (string, bool) {
	rest, ok := strings.CutPrefix(ref, "https://apigateway.amazonaws.com/restapis/")
	if !ok {
		return "", false
	}
	_, name, ok := strings.Cut(rest, "/models/")
	return name, ok && name != ""
}
