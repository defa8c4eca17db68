package openapi

import (
	"strings"
)

const defaultHTTPTimeoutMillis = 30000

// http writes an HTTP API's document, which is always OpenAPI 3.0.1.
func (x *exporter) http() *object {
	d := x.doc
	root := newObject().set("openapi", "3.0.1").
		set("info", newObject().set("title", d.Name).put("description", d.Description).set("version", x.opts.version(d)))
	server := x.server()
	if disabled := d.Endpoint.DisableExecuteAPIEndpoint; disabled != nil && *disabled && x.extended() {
		server.set(extEndpoint, newObject().set("disableExecuteApiEndpoint", true))
	}
	root.set("servers", []any{server})
	if len(d.Tags) > 0 {
		var tags []any
		for _, name := range recordedOrder(d.Tags) {
			tag := newObject().set("name", name)
			if x.extended() {
				tag.set(extTagValue, d.Tags[name])
			}
			tags = append(tags, tag)
		}
		root.set("tags", tags)
	}
	root.set("paths", x.httpPaths())
	if schemes := x.httpSchemes(); len(schemes.keys) > 0 {
		root.set("components", newObject().set("securitySchemes", schemes))
	}
	if x.extended() {
		if d.CORS != nil {
			root.set(extCORS, corsExtension(d.CORS))
		}
		root.set(extImportExport, "1.0")
	}
	return root
}

func (x *exporter) extended() bool { return len(x.opts.Extensions) > 0 }

// httpPaths writes the routes. AWS: a path's variables are described beside its
// operations, with a greedy one's plus sign.
func (x *exporter) httpPaths() *object {
	paths := x.paths(recordedOrder(x.served()), x.httpOperation)
	for _, path := range paths.keys {
		var list []any
		for part := range strings.SplitSeq(path, "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok && strings.HasSuffix(name, "}") {
				name = strings.TrimSuffix(name, "}")
				list = append(list, newObject().set("name", name).set("in", "path").
					set("description", "Generated path parameter for "+name).set("required", true).set("schema", textSchema()))
			}
		}
		if len(list) > 0 {
			paths.object(path).set("parameters", list)
		}
	}
	return paths
}

func (x *exporter) httpOperation(r *Resource, m *Method) *object {
	op := newObject()
	if m.DefaultRoute && x.extended() {
		op.set("isDefaultRoute", true)
	}
	op.put("operationId", m.OperationName)
	op.set("responses", newObject().set("default", newObject().set("description", "Default response for "+m.RouteKey(r.Path))))
	switch {
	case m.Authorizer != "":
		op.set("security", []any{newObject().set(m.Authorizer, anyList(m.AuthorizationScopes))})
	case m.AuthorizationType == authIAM && x.extended():
		op.set(extAuth, newObject().set("type", authIAM))
	}
	if x.extended() && m.Integration != nil {
		op.set(extIntegration, httpIntegration(m.Integration))
	}
	return op
}

func httpIntegration(i *Integration) *object {
	out := newObject()
	putMap(out, "requestParameters", i.RequestParameters)
	if len(i.ResponseParameters) > 0 {
		responses := newObject()
		for _, status := range recordedOrder(i.ResponseParameters) {
			putMap(responses, status, i.ResponseParameters[status])
		}
		out.set("responseParameters", responses)
	}
	out.put("integrationSubtype", i.Subtype).put("credentials", i.Credentials).put("payloadFormatVersion", i.PayloadFormatVersion).
		put("connectionId", i.ConnectionID).set("type", strings.ToLower(i.Type)).put("httpMethod", i.HTTPMethod).put("uri", i.URI).
		put("connectionType", i.ConnectionType)
	if i.TimeoutMillis != nil && *i.TimeoutMillis != defaultHTTPTimeoutMillis {
		out.set("timeoutInMillis", number(*i.TimeoutMillis))
	}
	if i.ServerNameToVerify != "" {
		out.set("tlsConfig", newObject().set("serverNameToVerify", i.ServerNameToVerify))
	}
	return out
}

func (x *exporter) httpSchemes() *object {
	out := newObject()
	for _, a := range x.doc.Authorizers {
		scheme := newObject()
		extension := newObject().put("identitySource", a.IdentitySource)
		if a.Type == authJWT {
			scheme.set("type", "oauth2").set("flows", newObject())
			extension.set("type", "jwt").set("jwtConfiguration", newObject().set("audience", anyList(a.JWTAudience)).set("issuer", a.JWTIssuer))
		} else {
			scheme.set("type", "apiKey").set("name", "Authorization").set("in", "header")
			extension.put("authorizerUri", a.URI).put("authorizerCredentials", a.Credentials).put("authorizerPayloadFormatVersion", a.PayloadFormatVersion)
			if a.TTLSeconds != nil {
				extension.set("authorizerResultTtlInSeconds", number(*a.TTLSeconds))
			}
			extension.set("type", strings.ToLower(a.Type))
			if a.EnableSimpleResponses != nil {
				extension.set("enableSimpleResponses", *a.EnableSimpleResponses)
			}
		}
		if x.extended() {
			scheme.set(extAuthorizer, extension)
		}
		out.set(a.Name, scheme)
	}
	return out
}

func corsExtension(c *CORS) *object {
	out := newObject()
	putList(out, "allowMethods", c.AllowMethods)
	putList(out, "allowHeaders", c.AllowHeaders)
	putList(out, "exposeHeaders", c.ExposeHeaders)
	if c.MaxAge != nil {
		out.set("maxAge", number(*c.MaxAge))
	}
	out.set("allowCredentials", c.AllowCredentials)
	putList(out, "allowOrigins", c.AllowOrigins)
	return out
}
