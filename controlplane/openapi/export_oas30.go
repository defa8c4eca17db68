package openapi

// oas30 writes an OpenAPI 3.0.1 document.
func (x *exporter) oas30() *object {
	d := x.doc
	info := newObject().set("title", d.Name).put("description", d.Description).set("version", x.opts.version(d))
	server := x.server()
	if endpoint := x.endpoint(); endpoint != nil {
		server.set(extEndpoint, endpoint)
	}
	root := newObject().set("openapi", "3.0.1").
		set("info", x.documented(info, DocumentationPart{Type: "API"}, "info")).
		set("servers", []any{server})
	root.set("paths", x.paths(recordedOrder(x.served()), x.oas30Operation))
	components := newObject()
	if schemas := x.schemas(oas30Models); len(schemas.keys) > 0 {
		components.set("schemas", schemas)
	}
	if schemes := x.securitySchemes(); len(schemes.keys) > 0 {
		components.set("securitySchemes", schemes)
	}
	root.set("components", components)
	return x.rootExtensions(root)
}

func (x *exporter) oas30Operation(r *Resource, m *Method) *object {
	at := DocumentationPart{Type: "METHOD", Path: r.Path, Method: m.HTTPMethod}
	op := x.documented(newObject(), at, "")
	op.put("operationId", m.OperationName)
	var list []any
	for _, p := range parameters(m) {
		o := newObject().set("name", p.name).set("in", p.in)
		x.describeParameter(o, at, p)
		if p.required {
			o.set("required", true)
		}
		list = append(list, o.set("schema", textSchema()))
	}
	if len(list) > 0 {
		op.set("parameters", list)
	}
	if len(m.RequestModels) > 0 {
		part := at
		part.Type = parameterParts["body"]
		op.set("requestBody", x.documented(newObject(), part, "").set("content", content(m.RequestModels)).set("required", true))
	}
	all := newObject()
	for _, response := range responses(m) {
		all.set(response.StatusCode, x.oas30Response(at, response))
	}
	op.set("responses", all)
	return x.operationExtensions(op, m)
}

func (x *exporter) oas30Response(at DocumentationPart, r MethodResponse) *object {
	out := newObject().set("description", x.responseDescription(at, r))
	if names := headerNames(r); len(names) > 0 {
		headers := newObject()
		for _, name := range names {
			headers.set(name, x.describeHeader(newObject(), at, r, name).set("schema", textSchema()))
		}
		out.set("headers", headers)
	}
	return out.set("content", content(r.ResponseModels))
}

func textSchema() *object { return newObject().set("type", "string") }

// content gives the models by content type; AWS writes it also when it is empty.
func content(models map[string]string) *object {
	out := newObject()
	for _, contentType := range recordedOrder(models) {
		out.set(contentType, newObject().set("schema", newObject().set("$ref", oas30Models+models[contentType])))
	}
	return out
}
