package openapi

import (
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

// operation is one operation of a path item while it is read.
type operation struct {
	*parser
	resource *Resource
	item, op *object
	method   *Method
	where    string // as AWS's parse issues name it
}

// read adds the operation to its resource as a method, unless the document leaves
// the method unguarded by mistake.
func (o *operation) read() error {
	m := o.method
	m.OperationName = o.op.text("operationId")
	if o.opts.Protocol == HTTP {
		m.DefaultRoute = o.op.truth("isDefaultRoute") || strings.TrimPrefix(o.resource.Path, "/") == defaultRoute
	}
	if !o.readSecurity() {
		return nil
	}
	if o.opts.Protocol == REST {
		o.readRequest()
		m.RequestValidator = o.validator()
	}
	o.readResponses()
	if err := o.readIntegration(); err != nil {
		return err
	}
	for i, other := range o.resource.Methods {
		if other.HTTPMethod == m.HTTPMethod {
			o.resource.Methods[i] = m
			return nil
		}
	}
	o.resource.Methods = append(o.resource.Methods, m)
	return nil
}

// locations are the places of a parameter, with API Gateway's name for each. AWS
// ignores cookies.
var locations = map[string]string{"path": "path", "query": "querystring", "header": "header"}

const requestPrefix, responseHeaderPrefix = "method.request.", "method.response.header."

// pathVariable is a variable part of a path, greedy or not.
var pathVariable = lazyregexp.New(`\{([^{}+]+)\+?\}`)

func (o *operation) readRequest() {
	parameters := map[string]bool{}
	// AWS: a variable of the path is a parameter whether the operation names it or
	// not.
	for _, match := range pathVariable().FindAllStringSubmatch(o.resource.Path, -1) {
		parameters[requestPrefix+"path."+match[1]] = true
	}
	for _, parameter := range o.parameters() {
		if parameter.text("in") == "body" {
			o.readBody(o.contentTypes("consumes"), parameter.get("schema"))
			continue
		}
		if location, ok := locations[parameter.text("in")]; ok {
			parameters[requestPrefix+location+"."+parameter.text("name")] = location == "path" || parameter.truth("required")
		}
	}
	if len(parameters) > 0 {
		o.method.RequestParameters = parameters
	}
	content := o.deref(o.op.get("requestBody")).object("content")
	for _, contentType := range content.members() {
		o.readBody([]string{contentType}, content.object(contentType).get("schema"))
	}
}

// parameters gives the path item's parameters and the operation's, which replace
// those of the same name and place.
func (o *operation) parameters() []*object {
	var all []*object
	known := map[[2]string]int{}
	for _, list := range [][]any{o.item.list("parameters"), o.op.list("parameters")} {
		for _, v := range list {
			parameter := o.deref(v)
			if parameter == nil {
				continue
			}
			key := [2]string{parameter.text("in"), parameter.text("name")}
			if at, ok := known[key]; ok {
				all[at] = parameter
				continue
			}
			known[key] = len(all)
			all = append(all, parameter)
		}
	}
	return all
}

func (o *operation) readBody(contentTypes []string, schema any) {
	model := o.model(schema)
	if model == "" {
		return
	}
	if o.method.RequestModels == nil {
		o.method.RequestModels = map[string]string{}
	}
	for _, contentType := range contentTypes {
		o.method.RequestModels[contentType] = model
	}
}

// contentTypes gives consumes or produces, the operation's or else the document's.
func (o *operation) contentTypes(key string) []string {
	if list := o.op.texts(key); len(list) > 0 {
		return list
	}
	if list := o.root.texts(key); len(list) > 0 && o.spend(o.root.get(key)) {
		return list
	}
	return []string{jsonType}
}

const jsonType = "application/json"

var statusCode = lazyregexp.New(`^[1-5]\d\d$`)

func (o *operation) readResponses() {
	responses := o.op.object("responses")
	for _, status := range responses.members() {
		// AWS: default and ranges such as 2XX do not become method responses.
		if !statusCode().MatchString(status) {
			continue
		}
		response := o.deref(responses.get(status))
		if response == nil {
			response = newObject()
		}
		if o.opts.Protocol == HTTP {
			o.checkSchemas(response, o.where+".responses."+status)
			continue
		}
		r := MethodResponse{StatusCode: status}
		for _, name := range response.object("headers").members() {
			if r.ResponseParameters == nil {
				r.ResponseParameters = map[string]bool{}
			}
			r.ResponseParameters[responseHeaderPrefix+name] = false
		}
		r.ResponseModels = o.responseModels(response, status)
		o.method.Responses = append(o.method.Responses, r)
	}
}

func (o *operation) responseModels(response *object, status string) map[string]string {
	models := map[string]string{}
	if schema := response.get("schema"); o.swagger && schema != nil {
		if model := o.responseModel(schema, status); model != "" {
			for _, contentType := range o.contentTypes("produces") {
				models[contentType] = model
			}
		}
	}
	content := response.object("content")
	for _, contentType := range content.members() {
		if model := o.responseModel(content.object(contentType).get("schema"), status); model != "" {
			models[contentType] = model
		}
	}
	if len(models) == 0 {
		return nil
	}
	return models
}

// unsupportedTypes are the schemas that AWS makes no model of for a response, by the
// name that it has for them.
var unsupportedTypes = map[string]string{"string": "StringSchema", "integer": "IntegerSchema", "number": "NumberSchema", "boolean": "BooleanSchema"}

func (o *operation) responseModel(schema any, status string) string {
	s, _ := schema.(*object)
	if unsupported, ok := unsupportedTypes[s.text("type")]; ok && !s.has("$ref") {
		o.warn("Unsupported model type '%s' in %s response to method '%s %s'. Ignoring.", unsupported, status, o.method.HTTPMethod, o.resource.Path)
		return ""
	}
	return o.model(schema)
}

// checkSchemas warns of schemas that are not there. AWS: an HTTP API has no models,
// but the document must hold together.
func (o *operation) checkSchemas(response *object, where string) {
	content := response.object("content")
	for _, contentType := range content.members() {
		schema := content.object(contentType).object("schema")
		if ref, ok := schema.get("$ref").(string); ok && o.resolve(ref) == nil {
			o.warn("Parse issue: attribute %s.content.schema.%s is missing", where, ref)
		}
	}
	if len(content.members()) > 0 {
		// unverified against AWS: the text.
		o.info("Response models are not supported for HTTP APIs. Ignoring the models of %s", where)
	}
}

func (o *operation) validator() string {
	if o.op.has(extRequestValidator) {
		return o.op.text(extRequestValidator)
	}
	return o.root.text(extRequestValidator)
}
