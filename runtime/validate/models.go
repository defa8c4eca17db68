package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Models are the models of one API, by name.
type Models struct {
	// Imported names models whose minItems and maxItems say nothing.
	//
	// AWS: those of an import count once the model is updated.
	Imported map[string]bool

	base  string // of the models' URLs
	texts map[string]string
	docs  map[string]any
	done  map[location]*Schema
}

// NewModels takes the models' texts by name. They are compiled when asked for.
func NewModels(apiID string, texts map[string]string) *Models {
	return &Models{
		base:  modelsOf + apiID + "/models/",
		texts: texts, docs: map[string]any{}, done: map[location]*Schema{},
	}
}

const modelsOf = "https://apigateway.amazonaws.com/restapis/"

// Get compiles a model, or says why it cannot be used.
func (m *Models) Get(name string) (*Schema, error) {
	s, err := m.schema(location{model: name})
	for _, part := range m.done {
		if err == nil {
			err = part.endless()
		}
	}
	if err != nil {
		clear(m.done) // of schemas that were not finished
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return s, nil
}

// document gives a model's text, read.
func (m *Models) document(name string) (any, error) {
	if doc, ok := m.docs[name]; ok {
		return doc, nil
	}
	text, ok := m.texts[name]
	if !ok {
		return nil, errors.New("there is none")
	}
	doc, err := decode([]byte(text))
	if err != nil {
		return nil, err
	}
	m.docs[name] = doc
	return doc, nil
}

// named gives the name of the model that a URL means. No URL makes Postern read a
// file or call out.
//
// AWS: the id in the URL need not be the API's own, as in an API that was imported
// with the references of another.
func (m *Models) named(url string) (string, error) {
	rest, ok := strings.CutPrefix(url, modelsOf)
	_, name, found := strings.Cut(rest, "/models/")
	if _, known := m.texts[name]; !ok || !found || !known {
		return "", fmt.Errorf("%s is no model of this API", url)
	}
	return name, nil
}

// decode reads one JSON value, its numbers as they are written.
func decode(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows the value")
	}
	return doc, nil
}

// Body checks a body; an empty one counts as {}. The violations are those that a
// client is told of nowhere but in $context.error.validationErrorString.
func (s *Schema) Body(body []byte) (violations string, ok bool) {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	doc, err := decode(body)
	if err != nil {
		return "[body is not JSON]", false
	}
	found := newFindings(len(body))
	s.add(doc, found)
	switch {
	case *found.left < 0:
		return "[body takes too long to validate]", false
	case len(found.violations) == 0:
		return "", true
	}
	sort.Strings(found.violations)
	return "[" + strings.Join(found.violations, ", ") + "]", false
}
