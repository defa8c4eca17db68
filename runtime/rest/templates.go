package rest

import (
	"context"
	"fmt"
	"strings"

	"github.com/postern/postern/runtime/mapping"
	"github.com/postern/postern/runtime/reqcontext"
)

// templates are compiled mapping templates by media type.
type templates struct {
	byType  map[string]*mapping.Template // nil value: an empty template
	ordered []string
}

const (
	defaultType = "$default"
	jsonMedia   = "application/json"
)

// compileTemplates never fails: AWS deploys a template that does not parse, and
// answers 500 to the requests that need it.
func compileTemplates(byType map[string]string) templates {
	t := templates{byType: make(map[string]*mapping.Template, len(byType)), ordered: sortedKeys(byType)}
	for _, contentType := range t.ordered {
		text := byType[contentType]
		key := contentType
		if key != defaultType {
			key = mediaType(key)
		}
		if text == "" {
			t.byType[key] = nil
			continue
		}
		compiled, err := mapping.Compile(text)
		if err != nil {
			compiled = mapping.Broken(fmt.Errorf("template for %s: %w", contentType, err))
		}
		t.byType[key] = compiled
	}
	return t
}

// request chooses by the request's Content-Type. found is false when there is none.
func (t *templates) request(contentType string) (tmpl *mapping.Template, found bool) {
	media := jsonMedia
	if contentType != "" {
		media = mediaType(contentType)
	}
	if tmpl, found = t.byType[media]; found {
		return tmpl, true
	}
	tmpl, found = t.byType[defaultType]
	return tmpl, found
}

// response chooses by the request's Accept, then application/json, then the first.
func (t *templates) response(accept string) *mapping.Template {
	if len(t.byType) == 0 {
		return nil
	}
	if tmpl, ok := t.byType[mediaType(accept)]; ok {
		return tmpl
	}
	if tmpl, ok := t.byType[jsonMedia]; ok {
		return tmpl
	}
	return t.byType[mediaType(t.ordered[0])]
}

// templateParams are the request's parameters as templates see them. They are the
// same for every template of a call.
type templateParams struct {
	path, query, header, stage []mapping.Param
}

// render runs a template over a body. Its context lives as long as the call: what
// the request template wrote is there for the response template.
func (c *call) render(ctx context.Context, t *mapping.Template, body []byte) ([]byte, error) {
	if c.templates == nil {
		c.templates = mapping.NewContext(func() []mapping.Fact { return contextFacts(c.rc) })
		c.params = newTemplateParams(c)
	}
	out, err := t.Render(ctx, mapping.Input{
		Body: body, Path: c.params.path, Query: c.params.query, Header: c.params.header,
		StageVariables: c.params.stage, FoldHeaders: c.rc.SentAs == nil, Context: c.templates,
	})
	if err != nil {
		return nil, err
	}
	return []byte(out), nil
}

// transformError is a body that a template or a conversion did not make.
type transformError struct {
	what string // request or response
	err  error
}

func (e *transformError) Error() string { return "unable to transform " + e.what }
func (e *transformError) Unwrap() error { return e.err }

func untransformed(what string, err error) error { return internal(&transformError{what, err}) }

func newTemplateParams(c *call) *templateParams {
	p := &templateParams{path: params(c.rc.PathParameters), query: params(c.rc.Query())}
	header := eventHeader(c)
	for _, name := range sortedKeys(header) {
		for _, v := range header[name] {
			p.header = append(p.header, mapping.Param{Name: name, Value: legible(v)})
		}
	}
	for _, name := range sortedKeys(c.rc.StageVariables) {
		p.stage = append(p.stage, mapping.Param{Name: name, Value: c.rc.StageVariables[name]})
	}
	return p
}

func params(in []reqcontext.Param) []mapping.Param {
	out := make([]mapping.Param, len(in))
	for i, p := range in {
		out[i] = mapping.Param{Name: legible(p.Name), Value: legible(p.Value)}
	}
	return out
}

// legible makes UTF-8 of a parameter, as a template makes text of everything.
func legible(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
