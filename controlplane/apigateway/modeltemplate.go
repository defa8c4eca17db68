package apigateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// getModelTemplate writes a mapping template that copies what a model describes.
//
// unverified against AWS: the layout, the order of members (ours is alphabetical)
// and how deep references are followed.
func (s *Service) getModelTemplate(ctx context.Context, in *wire.GetModelTemplateInput) (*wire.Template, error) {
	return read(ctx, s, func(tx *txn) (*wire.Template, error) {
		m, err := tx.model(in.RestApiId, in.ModelName)
		if err != nil {
			return nil, err
		}
		var schema map[string]any
		if err := json.Unmarshal([]byte(m.Schema), &schema); err != nil {
			return nil, awsapi.BadRequest("Invalid model specified: %s", m.Name)
		}
		w := &templateWriter{tx: tx, apiID: *in.RestApiId, within: []string{m.Name}}
		w.line("#set($inputRoot = $input.path('$'))")
		w.value(schema, "$inputRoot", 0)
		return &wire.Template{Value: awsapi.Ptr(w.out.String())}, nil
	})
}

// Bounds of a template: models may refer to each other in so many ways that it would
// never end. AWS: a mapping template has at most 300 KB.
const (
	maxTemplateDepth = 16
	maxTemplate      = 300 << 10
)

type templateWriter struct {
	tx    *txn
	apiID string
	out   strings.Builder
	loops int
	// within names the models that are being written: one that contains itself ends.
	within []string
}

func (w *templateWriter) line(text string) { w.out.WriteString(text + "\n") }

// value writes the template of one schema whose data path refers to.
func (w *templateWriter) value(schema map[string]any, path string, depth int) {
	schema, name := w.follow(schema)
	if name != "" {
		w.within = append(w.within, name)
		defer func() { w.within = w.within[:len(w.within)-1] }()
	}
	indent := strings.Repeat("  ", depth)
	properties, _ := schema["properties"].(map[string]any)
	items, _ := schema["items"].(map[string]any)
	switch {
	case depth > maxTemplateDepth, w.out.Len() > maxTemplate:
		w.out.WriteString(`""`)
	case len(properties) > 0:
		w.line("{")
		names := sortedNames(properties)
		for i, name := range names {
			member, _ := properties[name].(map[string]any)
			fmt.Fprintf(&w.out, "%s  %q : ", indent, name)
			w.value(member, path+"."+name, depth+1)
			if i < len(names)-1 {
				w.out.WriteString(",")
			}
			w.line("")
		}
		w.out.WriteString(indent + "}")
	case schema["type"] == "array" || items != nil:
		elem := "$elem"
		if w.loops > 0 {
			elem = fmt.Sprintf("$elem%d", w.loops)
		}
		w.loops++
		w.line("[")
		w.line("#foreach(" + elem + " in " + path + ")")
		w.out.WriteString(indent + "  ")
		w.value(items, elem, depth+1)
		w.line("#if($foreach.hasNext),#end")
		w.line("")
		w.line("#end")
		w.out.WriteString(indent + "]")
	case schema["type"] == "object":
		w.out.WriteString("{ }")
	case schema["type"] == "string" || schema["type"] == nil:
		w.out.WriteString(`"` + path + `"`)
	default:
		w.out.WriteString(path)
	}
}

// follow gives the schema of the model that a reference stands for, and its name. A
// model inside itself has no members.
func (w *templateWriter) follow(schema map[string]any) (of map[string]any, model string) {
	ref, _ := schema["$ref"].(string)
	name, ok := modelInURL(ref)
	if !ok {
		return schema, ""
	}
	m, err := w.tx.model(&w.apiID, &name)
	if err != nil || json.Unmarshal([]byte(m.Schema), &of) != nil {
		return schema, ""
	}
	if slices.Contains(w.within, name) {
		return map[string]any{"type": of["type"]}, ""
	}
	return of, name
}
