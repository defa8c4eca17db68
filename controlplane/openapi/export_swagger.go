package openapi

import (
	"maps"
	"slices"
)

const (
	swaggerModels = "#/definitions/"
	oas30Models   = "#/components/schemas/"
)

// swagger writes a Swagger 2.0 document.
func (x *exporter) swagger() *object {
	d := x.doc
	root := newObject().set("swagger", "2.0").
		set("info", x.documented(newObject().put("description", d.Description).set("version", x.opts.version(d)).set("title", d.Name), DocumentationPart{Type: "API"}, "info")).
		set("host", x.opts.Host).set("basePath", "/"+x.opts.Stage).set("schemes", []any{"https"})
	root.set("paths", x.paths(slices.Sorted(maps.Keys(x.served())), x.swaggerOperation))
	if schemes := x.securitySchemes(); len(schemes.keys) > 0 {
		root.set("securityDefinitions", schemes)
	}
	if schemas := x.schemas(swaggerModels); len(schemas.keys) > 0 {
		root.set("definitions", schemas)
	}
	return x.rootExtensions(root)
}

func (x *exporter) swaggerOperation(r *Resource, m *Method) *object {
	at := DocumentationPart{Type: "METHOD", Path: r.Path, Method: m.HTTPMethod}
	op := x.documented(newObject(), at, "")
	op.put("operationId", m.OperationName)
	consumes, produces := map[string]bool{}, map[string]bool{}
	for contentType := range m.RequestModels {
		consumes[contentType] = true
	}
	for _, response := range m.Responses {
		for contentType := range response.ResponseModels {
			produces[contentType] = true
		}
	}
	if i := m.Integration; i != nil {
		for contentType := range i.RequestTemplates {
			consumes[contentType] = true
		}
		for _, response := range i.Responses {
			for contentType := range response.ResponseTemplates {
				produces[contentType] = true
			}
		}
	}
	putList(op, "consumes", recordedOrder(consumes))
	putList(op, "produces", recordedOrder(produces))
	if parameters := x.swaggerParameters(at, m); len(parameters) > 0 {
		op.set("parameters", parameters)
	}
	all := newObject()
	for _, response := range responses(m) {
		all.set(response.StatusCode, x.swaggerResponse(at, response))
	}
	op.set("responses", all)
	return x.operationExtensions(op, m)
}

func (x *exporter) swaggerParameters(at DocumentationPart, m *Method) []any {
	var out []any
	for _, p := range parameters(m) {
		o := newObject().set("name", p.name).set("in", p.in)
		x.describeParameter(o, at, p)
		out = append(out, o.set("required", p.required).set("type", "string"))
	}
	if model := firstModel(m.RequestModels); model != "" {
		body := newObject().set("in", "body").set("name", model)
		part := at
		part.Type = parameterParts["body"]
		x.documented(body, part, "")
		out = append(out, body.set("required", true).set("schema", newObject().set("$ref", swaggerModels+model)))
	}
	return out
}

func (x *exporter) swaggerResponse(at DocumentationPart, r MethodResponse) *object {
	out := newObject().set("description", x.responseDescription(at, r))
	if model := firstModel(r.ResponseModels); model != "" {
		out.set("schema", newObject().set("$ref", swaggerModels+model))
	}
	if names := headerNames(r); len(names) > 0 {
		headers := newObject()
		for _, name := range names {
			headers.set(name, x.describeHeader(newObject().set("type", "string"), at, r, name))
		}
		out.set("headers", headers)
	}
	return out
}

func putList(o *object, key string, list []string) {
	if len(list) > 0 {
		o.set(key, anyList(list))
	}
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
