package openapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// readDocumentation reads the parts of the documentation extension, and what the
// document says elsewhere in its descriptions.
func (p *parser) readDocumentation() {
	extension := p.root.object(extDocumentation)
	p.doc.DocumentationVersion = extension.text("version")
	parts := &parts{parser: p, known: map[DocumentationPart]bool{}}
	for _, v := range extension.list("documentationParts") {
		from, _ := v.(*object)
		location := from.object("location")
		part := DocumentationPart{
			Type: location.text("type"), Path: location.text("path"), Method: location.text("method"),
			StatusCode: location.text("statusCode"), Name: location.text("name"),
		}
		// AWS: a part below a path that names none shows the root's.
		if part.Path == "" && pathParts[part.Type] {
			part.Path = "/"
		}
		switch properties := from.get("properties").(type) {
		case *object:
			parts.add(part, properties)
		case string:
			if o, err := decode([]byte(properties)); err == nil {
				parts.add(part, o)
			}
		}
	}
	p.describe(parts)
	p.doc.DocumentationParts = parts.list
}

// pathParts are the types of parts that belong to a path.
var pathParts = map[string]bool{
	"RESOURCE": true, "METHOD": true, "PATH_PARAMETER": true, "QUERY_PARAMETER": true, "REQUEST_HEADER": true,
	"REQUEST_BODY": true, "RESPONSE": true, "RESPONSE_HEADER": true, "RESPONSE_BODY": true,
}

// parts collects documentation parts; the first of a location stays.
type parts struct {
	*parser
	known map[DocumentationPart]bool
	list  []DocumentationPart
}

func (s *parts) add(location DocumentationPart, properties *object) {
	if len(properties.members()) == 0 || s.known[location] || !s.spend(properties) {
		return
	}
	s.known[location] = true
	location.Properties = string(encodeCompact(properties))
	s.list = append(s.list, location)
}

// texts adds the members of an object that describe it.
func (s *parts) texts(location DocumentationPart, from *object, members ...string) {
	properties := newObject()
	for _, m := range members {
		properties.put(m, from.text(m))
	}
	s.add(location, properties)
}

// parameterParts are the types of parts for the places of parameters.
var parameterParts = map[string]string{"path": "PATH_PARAMETER", "query": "QUERY_PARAMETER", "header": "REQUEST_HEADER", "body": "REQUEST_BODY"}

// describe makes parts of descriptions.
func (p *parser) describe(s *parts) {
	if description := p.root.object("info").text("description"); description != "" {
		s.add(DocumentationPart{Type: "API"}, newObject().set("info", newObject().set("description", description)))
	}
	paths := p.root.object("paths")
	for _, path := range paths.members() {
		item := p.deref(paths.get(path))
		parts, ok := p.parts(path)
		if !ok {
			continue
		}
		at := DocumentationPart{Type: "RESOURCE", Path: "/" + strings.Join(parts, "/")}
		s.texts(at, item, "description", "summary")
		for _, key := range item.members() {
			if op := p.deref(item.get(key)); op != nil && verbOf(key) != "" {
				at.Type, at.Method = "METHOD", verbOf(key)
				p.describeMethod(s, at, item, op)
			}
		}
	}
	models := p.component("definitions", "schemas")
	for _, name := range models.members() {
		s.texts(DocumentationPart{Type: "MODEL", Name: name}, models.object(name), "title", "description")
	}
	schemes := p.component("securityDefinitions", "securitySchemes")
	for _, name := range schemes.members() {
		if p.schemes[name] != nil && p.schemes[name].authorizer != "" {
			s.texts(DocumentationPart{Type: "AUTHORIZER", Name: name}, p.deref(schemes.get(name)), "description")
		}
	}
}

func (p *parser) describeMethod(s *parts, at DocumentationPart, item, op *object) {
	s.texts(at, op, "description", "summary")
	for _, parameter := range (&operation{parser: p, item: item, op: op}).parameters() {
		part := at
		part.Type = parameterParts[parameter.text("in")]
		if part.Type != "REQUEST_BODY" {
			part.Name = parameter.text("name")
		}
		if part.Type != "" {
			s.texts(part, parameter, "description")
		}
	}
	body := at
	body.Type = "REQUEST_BODY"
	s.texts(body, p.deref(op.get("requestBody")), "description")
	responses := op.object("responses")
	for _, status := range responses.members() {
		if !statusCode().MatchString(status) {
			continue
		}
		response := p.deref(responses.get(status))
		part := at
		part.Type, part.StatusCode = "RESPONSE", status
		s.texts(part, response, "description")
		headers := response.object("headers")
		for _, name := range headers.members() {
			part.Type, part.Name = "RESPONSE_HEADER", name
			s.texts(part, p.deref(headers.get(name)), "description")
		}
	}
}

// wholeDocument puts a bare {"documentationParts": […]}, as GetDocumentationParts shows
// them to scripts that copy, into an API document; anything else stays as it is.
func wholeDocument(body []byte) []byte {
	var bare struct {
		Parts   json.RawMessage `json:"documentationParts"`
		OpenAPI any             `json:"openapi"`
		Swagger any             `json:"swagger"`
	}
	if err := json.Unmarshal(body, &bare); err != nil || bare.Parts == nil || bare.OpenAPI != nil || bare.Swagger != nil {
		return body
	}
	return slices.Concat([]byte(`{"openapi": "3.0.1", "info": {"title": "", "version": ""}, "`+extDocumentation+`": `), body, []byte("}"))
}

// ParseDocumentation reads the documentation parts of a document and nothing else,
// as ImportDocumentationParts does.
func ParseDocumentation(body []byte, opts Options) ([]DocumentationPart, error) {
	opts.Protocol = REST
	p, err := newParser(wholeDocument(body), opts)
	if err != nil {
		return nil, ErrDocumentation
	}
	p.base = p.basePath()
	p.readSchemes()
	p.readDocumentation()
	if p.exhausted() {
		return nil, ErrDocumentation
	}
	return p.doc.DocumentationParts, nil
}
