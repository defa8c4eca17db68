package openapi

import (
	"strings"
)

// readIntegration reads the operation's integration, which may stand among the
// components.
func (o *operation) readIntegration() error {
	if o.op.get(extIntegration) == nil {
		return nil
	}
	from := o.deref(o.op.get(extIntegration))
	if from == nil || !wellFormed(from) {
		return &Error{"Unable to parse API definition because of a malformed integration at path " + o.resource.Path + "."}
	}
	i := &Integration{
		Type: strings.ToUpper(from.text("type")), HTTPMethod: strings.ToUpper(from.text("httpMethod")), URI: from.text("uri"),
		Credentials: from.text("credentials"), ConnectionType: strings.ToUpper(from.text("connectionType")), ConnectionID: from.text("connectionId"),
		PassthroughBehavior: strings.ToUpper(from.text("passthroughBehavior")), ContentHandling: strings.ToUpper(from.text("contentHandling")),
		TimeoutMillis: from.integer("timeoutInMillis"), CacheNamespace: from.text("cacheNamespace"), CacheKeyParameters: from.texts("cacheKeyParameters"),
		RequestParameters: o.mappings(from, "requestParameters"), RequestTemplates: templates(from.object("requestTemplates")),
		InsecureSkipVerification: from.object("tlsConfig").boolean("insecureSkipVerification"),
		ResponseTransferMode:     strings.ToUpper(from.text("responseTransferMode")), Target: from.text("integrationTarget"),
	}
	o.method.Integration = i
	if o.opts.Protocol == HTTP {
		i.Subtype, i.PayloadFormatVersion = from.text("integrationSubtype"), formatVersion(from.text("payloadFormatVersion"))
		i.ServerNameToVerify = from.object("tlsConfig").text("serverNameToVerify")
		i.ResponseParameters = responseMappings(from.object("responseParameters"))
		return nil
	}
	if i.PassthroughBehavior == "" {
		i.PassthroughBehavior = whenNoMatch
	}
	switch i.Type {
	case typeMock:
		// AWS: a mock integration forgets what it would have called.
		i.HTTPMethod, i.URI, i.Credentials = "", "", ""
	case "HTTP", "HTTP_PROXY":
		if i.ConnectionType == "" {
			i.ConnectionType = connectionInternet
		}
	}
	i.Responses = o.integrationResponses(from.object("responses"))
	return nil
}

const (
	typeMock           = "MOCK"
	whenNoMatch        = "WHEN_NO_MATCH"
	connectionInternet = "INTERNET"
	defaultPattern     = "default"
)

// wellFormed tells whether the members that have to be scalars, objects and lists
// are. A template language's function that was left in the document is the usual
// reason why not.
func wellFormed(from *object) bool {
	for _, k := range from.keys {
		v := from.values[k]
		if v == nil {
			continue
		}
		ok := true
		switch k {
		case "type", "httpMethod", "uri", "credentials", "connectionType", "connectionId", "passthroughBehavior", "contentHandling", "cacheNamespace":
			_, ok = scalar(v)
		case "timeoutInMillis":
			_, ok = integer(v)
		case "requestParameters", "requestTemplates", "responses", "responseParameters", "tlsConfig":
			_, ok = v.(*object)
		case "cacheKeyParameters":
			_, ok = v.([]any)
		}
		if !ok {
			return false
		}
	}
	return true
}

// mappings reads parameter mappings. AWS: a value that is not a string is left out
// with a warning.
func (o *operation) mappings(from *object, member string) map[string]string {
	var out map[string]string
	mappings := from.object(member)
	for _, name := range mappings.members() {
		v := mappings.get(name)
		s, ok := v.(string)
		if !ok {
			got, isScalar := scalar(v)
			if !isScalar {
				got = string(encodeCompact(v))
			}
			o.warn("Invalid format for '%s'. Expected type string for property '%s' of resource '%s' and method '%s' but got '%s'",
				member, name, o.resource.Path, o.method.HTTPMethod, got)
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = s
	}
	return out
}

// passthrough stands for the template that is none.
//
// unverified against AWS: that exports write it wherever a template is null; documents
// that API Gateway exported have it.
const passthrough = "__passthrough__"

// templates reads mapping templates by content type.
func templates(from *object) map[string]string {
	out := textMap(from)
	for contentType, template := range out {
		if template == passthrough {
			out[contentType] = ""
		}
	}
	return out
}

func (o *operation) integrationResponses(from *object) []IntegrationResponse {
	var out []IntegrationResponse
	for _, pattern := range from.members() {
		r := o.deref(from.get(pattern))
		if r == nil {
			continue
		}
		response := IntegrationResponse{
			StatusCode: r.text("statusCode"), ResponseParameters: o.mappings(r, "responseParameters"),
			ResponseTemplates: templates(r.object("responseTemplates")), ContentHandling: strings.ToUpper(r.text("contentHandling")),
		}
		if pattern != defaultPattern {
			response.SelectionPattern = &pattern
		}
		out = append(out, response)
	}
	return out
}

func responseMappings(from *object) map[string]map[string]string {
	var out map[string]map[string]string
	for _, status := range from.members() {
		if out == nil {
			out = map[string]map[string]string{}
		}
		out[status] = textMap(from.object(status))
	}
	return out
}

// formatVersion gives a payload format version, which may be written as a number.
func formatVersion(s string) string {
	if s != "" && !strings.Contains(s, ".") {
		return s + ".0"
	}
	return s
}
