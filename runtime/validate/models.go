package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Models are the models of one API, by name.
type Models struct {
	compiler *jsonschema.Compiler
	base     string
	texts    map[string]string
	done     map[string]*Schema
}

// Schema is a compiled model.
type Schema struct{ schema *jsonschema.Schema }

// NewModels takes the models' texts by name. They are compiled when asked for.
func NewModels(apiID string, texts map[string]string) *Models {
	m := &Models{
		compiler: jsonschema.NewCompiler(), base: "https://apigateway.amazonaws.com/restapis/" + apiID + "/models/",
		texts: texts, done: map[string]*Schema{},
	}
	m.compiler.DefaultDraft(jsonschema.Draft4)
	m.compiler.UseLoader(loader(m.load))
	return m
}

// loader hands out models by their URL, and nothing else: no schema makes Postern
// read a file or call out.
type loader func(url string) (any, error)

// Load implements jsonschema.URLLoader.
func (l loader) Load(url string) (any, error) { return l(url) }

func (m *Models) load(url string) (any, error) {
	rest, ok := strings.CutPrefix(url, "https://apigateway.amazonaws.com/restapis/")
	_, name, found := strings.Cut(rest, "/models/")
	text, known := m.texts[name]
	if !ok || !found || !known {
		return nil, fmt.Errorf("%s is no model of this API", url)
	}
	return readSchema(text)
}

// ignored are the keywords that API Gateway does not look at.
var ignored = []string{"format", "default", "readOnly", "discriminator", "example", "exclusiveMinimum"}

func readSchema(text string) (any, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	forgive(doc)
	return doc, nil
}

// forgive takes out what API Gateway ignores, so that no such keyword is an error.
// The names of properties are left alone.
func forgive(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			forgive(e)
		}
	case map[string]any:
		for _, k := range ignored {
			delete(v, k)
		}
		// A dialect that is not draft 4 is not looked at either.
		delete(v, "$schema")
		delete(v, "id")
		for k, e := range v {
			switch k {
			case "properties", "patternProperties", "definitions":
				if named, ok := e.(map[string]any); ok {
					for _, schema := range named {
						forgive(schema)
					}
				}
			case "enum", "const":
			default:
				forgive(e)
			}
		}
	}
}

// Get compiles a model, or says why it cannot be used.
func (m *Models) Get(name string) (*Schema, error) {
	if s := m.done[name]; s != nil {
		return s, nil
	}
	if _, ok := m.texts[name]; !ok {
		return nil, fmt.Errorf("model %s: there is none", name)
	}
	s, err := m.compiler.Compile(m.base + name)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	m.done[name] = &Schema{s}
	return m.done[name], nil
}

var errNotJSON = errors.New("body is not JSON")

// Body checks a body; an empty one counts as {}. The violations are those that a
// client is told of nowhere but in $context.error.validationErrorString.
func (s *Schema) Body(body []byte) (violations string, ok bool) {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil || dec.More() {
		return "[" + errNotJSON.Error() + "]", false
	}
	err := s.schema.Validate(doc)
	if err == nil {
		return "", true
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return "[" + err.Error() + "]", false
	}
	var out []string
	collect(doc, failed, &out)
	sort.Strings(out)
	return "[" + strings.Join(out, ", ") + "]", false
}
