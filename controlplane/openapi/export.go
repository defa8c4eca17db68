package openapi

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The formats of an export.
const (
	FormatSwagger = "swagger"
	FormatOAS30   = "oas30"
)

// The extensions that a REST API's export may be asked for.
const (
	ExtensionIntegrations  = "integrations"
	ExtensionAuthorizers   = "authorizers"
	ExtensionAPIGateway    = "apigateway" // both, and those of the root
	ExtensionDocumentation = "documentation"
	ExtensionPostman       = "postman"
)

// ExportOptions say how a document is written.
type ExportOptions struct {
	Protocol   Protocol
	Format     string // REST: FormatSwagger or FormatOAS30
	YAML       bool
	Extensions []string // HTTP: any, or none for a plain document

	Host    string    // {api}.execute-api.{region}.amazonaws.com
	Region  string    // for Postman's signatures
	Stage   string    // empty: no stage
	Created time.Time // stands in for a version that the API has not
}

// Export writes a document. The document is what the caller fills from its records:
// a cache namespace that is the resource's own and a documentation version that the
// stage does not have are left empty.
func Export(doc *Document, o ExportOptions) ([]byte, error) {
	x := &exporter{doc: doc, opts: o, docs: doc.DocumentationParts}
	var root *object
	switch {
	case o.Protocol == HTTP:
		root = x.http()
	case o.Format == FormatSwagger:
		root = x.swagger()
	case o.Format == FormatOAS30:
		root = x.oas30()
	default:
		return nil, fmt.Errorf("export %s: no such format", o.Format)
	}
	if o.YAML {
		return encodeYAML(root), nil
	}
	return encodeJSON(root), nil
}

// SetParameters takes the query parameters of an export operation. Unknown ones do
// nothing.
func (o *ExportOptions) SetParameters(parameters map[string]string) {
	for extension := range strings.SplitSeq(parameters["extensions"], ",") {
		if extension = strings.TrimSpace(extension); extension != "" {
			o.Extensions = append(o.Extensions, extension)
		}
	}
}

// ContentDisposition is the header of an export's answer.
func (o ExportOptions) ContentDisposition(doc *Document) string {
	extension := "json"
	if o.YAML {
		extension = "yaml"
	}
	return fmt.Sprintf(`attachment; filename="%s_%s.%s"`, o.Format, o.version(doc), extension)
}

func (o ExportOptions) version(doc *Document) string {
	if doc.Version != "" {
		return doc.Version
	}
	return o.Created.UTC().Format("2006-01-02T15:04:05Z")
}

// has tells whether extensions of a kind are asked for.
func (o ExportOptions) has(kind string) bool {
	return slices.Contains(o.Extensions, kind) ||
		slices.Contains(o.Extensions, ExtensionAPIGateway) && (kind == ExtensionIntegrations || kind == ExtensionAuthorizers)
}

// exporter writes one document.
type exporter struct {
	doc  *Document
	opts ExportOptions
	docs []DocumentationPart
}

func (x *exporter) server() *object {
	return newObject().set("url", "https://"+x.opts.Host+"/{basePath}").
		set("variables", newObject().set("basePath", newObject().set("default", x.opts.Stage)))
}

// methods gives a resource's methods in the order of a path item.
func methods(r *Resource) []*Method {
	list := slices.Clone(r.Methods)
	slices.SortStableFunc(list, func(a, b *Method) int { return rank(a) - rank(b) })
	return list
}

func rank(m *Method) int {
	if i := slices.Index(verbs, strings.ToLower(m.HTTPMethod)); i >= 0 {
		return i
	}
	return len(verbs)
}

func pathItemKey(m *Method) string {
	if m.HTTPMethod == anyMethod {
		return extAnyMethod
	}
	return strings.ToLower(m.HTTPMethod)
}

// paths writes the paths that have methods.
func (x *exporter) paths(order []string, operation func(*Resource, *Method) *object) *object {
	byPath := map[string]*Resource{}
	for _, r := range x.doc.Resources {
		byPath[r.Path] = r
	}
	out := newObject()
	for _, path := range order {
		item := newObject()
		for _, m := range methods(byPath[path]) {
			item.set(pathItemKey(m), operation(byPath[path], m))
		}
		out.set(path, item)
	}
	return out
}

// served gives the paths that have methods.
func (x *exporter) served() map[string]bool {
	out := map[string]bool{}
	for _, r := range x.doc.Resources {
		if len(r.Methods) > 0 {
			out[r.Path] = true
		}
	}
	return out
}

// parameter is a request parameter of a method.
type parameter struct {
	in, name string
	required bool
}

// parameters gives a method's parameters, those of the path first.
func parameters(m *Method) []parameter {
	var path, others []parameter
	for _, expression := range recordedOrder(m.RequestParameters) {
		location, name, _ := strings.Cut(strings.TrimPrefix(expression, requestPrefix), ".")
		p := parameter{location, name, m.RequestParameters[expression]}
		if location == "querystring" {
			p.in = "query"
		}
		if location == "path" {
			p.required = true
			path = append(path, p)
		} else {
			others = append(others, p)
		}
	}
	return append(path, others...)
}

// responses gives a method's responses by status.
func responses(m *Method) []MethodResponse {
	list := slices.Clone(m.Responses)
	slices.SortStableFunc(list, func(a, b MethodResponse) int { return strings.Compare(a.StatusCode, b.StatusCode) })
	return list
}

// firstModel gives the model of the content type that a document without content
// types means.
func firstModel(models map[string]string) string {
	if model, ok := models[jsonType]; ok {
		return model
	}
	for _, contentType := range recordedOrder(models) {
		return models[contentType]
	}
	return ""
}

func headerNames(r MethodResponse) []string {
	names := map[string]bool{}
	for expression := range r.ResponseParameters {
		names[strings.TrimPrefix(expression, responseHeaderPrefix)] = true
	}
	return recordedOrder(names)
}

// schemas writes the models, with references in the form of the document.
func (x *exporter) schemas(prefix string) *object {
	models := map[string]Model{}
	for _, m := range x.doc.Models {
		models[m.Name] = m
	}
	out := newObject()
	for _, name := range recordedOrder(models) {
		schema, err := decode([]byte(models[name].Schema))
		if err != nil {
			// A model need not be JSON, and then has no place in a document but its name.
			schema = newObject().set("type", "object")
		}
		out.set(name, localReferences(schema, prefix))
	}
	return out
}

// localReferences turns the URLs of models into references within the document.
func localReferences(v any, prefix string) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = localReferences(v[i], prefix)
		}
	case *object:
		for _, k := range v.keys {
			if ref, ok := v.values[k].(string); ok && k == "$ref" {
				if rest, ok := strings.CutPrefix(ref, modelsOf); ok {
					_, name, _ := strings.Cut(rest, modelNamed)
					v.values[k] = prefix + name
				}
				continue
			}
			v.values[k] = localReferences(v.values[k], prefix)
		}
	}
	return v
}
