package openapi

import (
	"fmt"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

var alphanumeric = lazyregexp.New(`^[a-zA-Z0-9]+$`)

// Models refer to each other by such URLs, whatever the region.
const modelsOf, modelNamed = "https://apigateway.amazonaws.com/restapis/", "/models/"

func modelURL(apiID, name string) string { return modelsOf + apiID + modelNamed + name }

// readModels takes the schemas of a REST API's document as models. AWS: an imported
// API has these and no others, not even Empty and Error.
func (p *parser) readModels() {
	if p.opts.Protocol == HTTP {
		return
	}
	schemas := p.component("definitions", "schemas")
	for _, name := range schemas.members() {
		p.models[name] = true
	}
	for _, name := range schemas.members() {
		schema := schemas.object(name)
		if schema == nil {
			continue
		}
		if !alphanumeric().MatchString(name) {
			p.fail(ModelFailed, name, "Model name must be alphanumeric: "+name)
			continue
		}
		p.addModel(name, schema)
	}
}

func (p *parser) addModel(name string, schema *object) {
	w := schemaWriter{parser: p}
	text := encodeJSON(w.value(schema, 0))
	if w.dangling {
		p.fail(ModelFailed, name, "Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]")
		delete(p.models, name)
		return
	}
	p.doc.Models = append(p.doc.Models, Model{
		Name: name, Description: schema.text("description"), ContentType: jsonType,
		Schema: string(text),
	})
}

// model gives the name of the model that a schema stands for; a schema without a
// name gets one. Empty: there is no schema, or it is not to be found.
func (p *parser) model(schema any) string {
	o, _ := schema.(*object)
	if o == nil {
		return ""
	}
	if ref, ok := o.get("$ref").(string); ok {
		if name := p.modelName(ref); name != "" {
			return name
		}
		if o = p.deref(o); o == nil {
			p.warn("Reference to model '%s' not found. Ignoring.", ref[strings.LastIndex(ref, "/")+1:])
			return ""
		}
	}
	if !p.spend(o) {
		return ""
	}
	name := p.newModelName()
	p.models[name] = true
	p.addModel(name, o)
	return name
}

// newModelName makes a name; ids that come twice are counted instead.
func (p *parser) newModelName() string {
	if p.opts.NewID != nil {
		if name := "MODEL" + p.opts.NewID(6); !p.models[name] {
			return name
		}
	}
	for i := len(p.models); ; i++ {
		if name := fmt.Sprintf("MODEL%06d", i); !p.models[name] {
			return name
		}
	}
}

// modelName gives the model that a reference names, if the document has it.
func (p *parser) modelName(ref string) string {
	for _, prefix := range []string{"#/definitions/", "#/components/schemas/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok && p.models[name] {
			return name
		}
	}
	return ""
}

// droppedKeywords of OpenAPI are not part of a model.
var droppedKeywords = []string{"example", "externalDocs", "deprecated"}

// schemaWriter gives a schema as a model has it: references to other models become
// URLs, other references are written out.
type schemaWriter struct {
	*parser
	dangling bool
}

func (w *schemaWriter) value(v any, depth int) any {
	if depth > maxReferences || w.dangling {
		w.dangling = true
		return nil
	}
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = w.value(e, depth)
		}
		return out
	case *object:
		if ref, ok := v.get("$ref").(string); ok {
			return w.reference(ref, depth)
		}
		out := newObject()
		for _, k := range v.keys {
			out.set(k, w.keyword(k, v.values[k], depth))
		}
		for _, k := range droppedKeywords {
			out.delete(k)
		}
		return out
	}
	return v
}

// keyword gives the value of a keyword. Below properties the keys are names and not
// keywords; below enum and default everything is data.
func (w *schemaWriter) keyword(key string, v any, depth int) any {
	switch key {
	case "enum", "default":
		return v
	case "properties", "patternProperties", "definitions":
		if named, ok := v.(*object); ok {
			out := newObject()
			for _, k := range named.keys {
				out.set(k, w.value(named.values[k], depth))
			}
			return out
		}
	}
	return w.value(v, depth)
}

func (w *schemaWriter) reference(ref string, depth int) any {
	if name := w.modelName(ref); name != "" {
		return newObject().set("$ref", modelURL(w.opts.APIID, name))
	}
	target, ok := w.resolve(ref).(*object)
	if !ok || !w.spend(target) {
		w.dangling = true
		return nil
	}
	return w.value(target, depth+1)
}
