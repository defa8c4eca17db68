package openapi

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
)

const (
	sigV4Scheme  = "sigv4"
	apiKeyScheme = "api_key"
)

// securitySchemes writes the authorizers, and the schemes of signatures and API keys
// when a method uses them.
func (x *exporter) securitySchemes() *object {
	out := newObject()
	apiKey, signed := false, false
	for _, r := range x.doc.Resources {
		for _, m := range r.Methods {
			apiKey = apiKey || m.APIKeyRequired
			signed = signed || m.AuthorizationType == authIAM
		}
	}
	for _, a := range x.doc.Authorizers {
		out.set(a.Name, x.authorizerScheme(a))
	}
	if signed {
		scheme := newObject().set("type", "apiKey").set("name", "Authorization").set("in", "header")
		if x.opts.has(ExtensionAuthorizers) {
			scheme.set(extAuthType, authTypeSigV4)
		}
		out.set(sigV4Scheme, scheme)
	}
	if apiKey {
		out.set(apiKeyScheme, newObject().set("type", "apiKey").set("name", apiKeyHeader).set("in", "header"))
	}
	return out
}

func (x *exporter) authorizerScheme(a Authorizer) *object {
	in, name, derived := schemeLocation(a)
	out := newObject().set("type", "apiKey").set("name", name).set("in", in)
	if !x.opts.has(ExtensionAuthorizers) {
		return out
	}
	extension := newObject()
	if a.Type == typeRequest || !derived {
		extension.put("identitySource", a.IdentitySource)
	}
	extension.put("authorizerUri", a.URI).put("authorizerCredentials", a.Credentials)
	if len(a.ProviderARNs) > 0 {
		extension.set("providerARNs", anyList(a.ProviderARNs))
	}
	if a.TTLSeconds != nil {
		extension.set("authorizerResultTtlInSeconds", number(*a.TTLSeconds))
	}
	extension.put("identityValidationExpression", a.IdentityValidationExpression).set("type", strings.ToLower(a.Type))
	return out.put(extAuthType, a.AuthType).set(extAuthorizer, extension)
}

// schemeLocation gives the place that an authorizer looks at. AWS: one that looks at
// several is named Unused.
func schemeLocation(a Authorizer) (in, name string, derived bool) {
	sources := a.IdentitySources()
	if len(sources) == 1 {
		if name, ok := strings.CutPrefix(sources[0], requestPrefix+"header."); ok {
			return "header", name, true
		}
		if name, ok := strings.CutPrefix(sources[0], requestPrefix+"querystring."); ok {
			return "query", name, true
		}
	}
	return "header", unusedName, false
}

// operationExtensions ends an operation with its security and AWS's members.
func (x *exporter) operationExtensions(op *object, m *Method) *object {
	var security []any
	switch {
	case m.Authorizer != "":
		security = append(security, newObject().set(m.Authorizer, anyList(m.AuthorizationScopes)))
	case m.AuthorizationType == authIAM:
		security = append(security, newObject().set(sigV4Scheme, []any{}))
	}
	if m.APIKeyRequired {
		security = append(security, newObject().set(apiKeyScheme, []any{}))
	}
	if len(security) > 0 {
		op.set("security", security)
	}
	if x.opts.has(ExtensionAPIGateway) {
		op.put(extRequestValidator, m.RequestValidator)
	}
	if x.opts.has(ExtensionIntegrations) && m.Integration != nil {
		op.set(extIntegration, integrationExtension(m.Integration))
	}
	if x.opts.has(ExtensionPostman) && x.opts.Format == FormatSwagger && m.AuthorizationType == authIAM {
		// unverified against AWS: the members; they are those that Postman reads.
		op.set("x-postman-meta", newObject().set("currentHelper", "awsSigV4").set("helperAttributes", newObject().
			set("id", "awsSigV4").set("accessKey", "{{aws_access_key_id}}").set("secretKey", "{{aws_secret_access_key}}").
			set("region", x.opts.Region).set("service", "execute-api").set("saveToRequest", true)))
	}
	return op
}

// integrationExtension writes an integration without what is a default.
func integrationExtension(i *Integration) *object {
	out := newObject().set("type", strings.ToLower(i.Type)).put("connectionId", i.ConnectionID).put("credentials", i.Credentials).
		put("httpMethod", i.HTTPMethod).put("uri", i.URI)
	if len(i.Responses) > 0 {
		responses := newObject()
		for _, r := range i.Responses {
			pattern := defaultPattern
			if r.SelectionPattern != nil && *r.SelectionPattern != "" {
				pattern = *r.SelectionPattern
			}
			o := newObject().set("statusCode", r.StatusCode)
			putMap(o, "responseParameters", r.ResponseParameters)
			putTemplates(o, "responseTemplates", r.ResponseTemplates)
			responses.set(pattern, o.put("contentHandling", r.ContentHandling))
		}
		out.set("responses", responses)
	}
	putMap(out, "requestParameters", i.RequestParameters)
	putTemplates(out, "requestTemplates", i.RequestTemplates)
	out.put("passthroughBehavior", strings.ToLower(i.PassthroughBehavior))
	if i.ConnectionType != connectionInternet {
		out.put("connectionType", i.ConnectionType)
	}
	if i.TimeoutMillis != nil && *i.TimeoutMillis != defaultTimeoutMillis {
		out.set("timeoutInMillis", number(*i.TimeoutMillis))
	}
	out.put("cacheNamespace", i.CacheNamespace)
	putList(out, "cacheKeyParameters", i.CacheKeyParameters)
	out.put("contentHandling", i.ContentHandling).put("responseTransferMode", unless(i.ResponseTransferMode, "BUFFERED")).put("integrationTarget", i.Target)
	if i.InsecureSkipVerification != nil {
		out.set("tlsConfig", newObject().set("insecureSkipVerification", *i.InsecureSkipVerification))
	}
	return out
}

const defaultTimeoutMillis = 29000

// rootExtensions ends a document with the API's own settings.
func (x *exporter) rootExtensions(root *object) *object {
	d := x.doc
	if x.opts.has(ExtensionAPIGateway) {
		if d.Policy != "" {
			if policy, err := decode([]byte(d.Policy)); err == nil {
				root.set(extPolicy, policy)
			}
		}
		if len(d.RequestValidators) > 0 {
			validators := newObject()
			for _, v := range d.RequestValidators {
				validators.set(v.Name, newObject().set("validateRequestParameters", v.ValidateRequestParameters).set("validateRequestBody", v.ValidateRequestBody))
			}
			root.set(extRequestValidators, validators)
		}
		if len(d.GatewayResponses) > 0 {
			responses := newObject()
			for _, g := range d.GatewayResponses {
				responses.set(g.Type, gatewayResponse(g))
			}
			root.set(extGatewayResponses, responses)
		}
		root.put(extAPIKeySource, unless(d.APIKeySource, "HEADER"))
		putList(root, extBinaryMediaTypes, d.BinaryMediaTypes)
		if d.MinimumCompressionSize != nil {
			root.set(extMinimumCompression, number(*d.MinimumCompressionSize))
		}
		root.put(extSecurityPolicy, d.SecurityPolicy).put(extEndpointAccessMode, d.EndpointAccessMode)
		if endpoint := x.endpoint(); endpoint != nil && x.opts.Format == FormatSwagger {
			root.set(extEndpoint, endpoint)
		}
	}
	if x.opts.has(ExtensionDocumentation) && len(d.DocumentationParts) > 0 {
		root.set(extDocumentation, x.documentation())
	}
	return root
}

func gatewayResponse(g GatewayResponse) *object {
	out := newObject()
	if status, err := strconv.Atoi(g.StatusCode); err == nil {
		out.set("statusCode", number(status))
	}
	putMap(out, "responseParameters", g.ResponseParameters)
	putMap(out, "responseTemplates", g.ResponseTemplates)
	return out
}

// endpoint gives what a document says about the endpoint, if that is not the default.
func (x *exporter) endpoint() *object {
	e := x.doc.Endpoint
	disabled := e.DisableExecuteAPIEndpoint != nil && *e.DisableExecuteAPIEndpoint
	if !x.opts.has(ExtensionAPIGateway) || !disabled && len(e.VPCEndpointIDs) == 0 {
		return nil
	}
	out := newObject()
	if disabled {
		out.set("disableExecuteApiEndpoint", true)
	}
	putList(out, "vpcEndpointIds", e.VPCEndpointIDs)
	return out
}

func putMap(o *object, key string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	out := newObject()
	for _, k := range recordedOrder(m) {
		out.set(k, m[k])
	}
	o.set(key, out)
}

// putTemplates is putMap for the templates of an integration.
func putTemplates(o *object, key string, templates map[string]string) {
	written := maps.Clone(templates)
	for contentType, template := range written {
		if template == "" {
			written[contentType] = passthrough
		}
	}
	putMap(o, key, written)
}

func unless(value, usual string) string {
	if value == usual {
		return ""
	}
	return value
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }
