package openapi

import (
	"strings"
)

const (
	authNone    = "NONE"
	authIAM     = "AWS_IAM"
	authCustom  = "CUSTOM"
	authCognito = "COGNITO_USER_POOLS"
	authJWT     = "JWT"

	typeToken   = "TOKEN"
	typeRequest = "REQUEST"

	authTypeSigV4  = "awsSigv4"
	authTypeCustom = "custom"
	apiKeyHeader   = "x-api-key"
)

// scheme is what a security scheme asks of a method.
type scheme struct {
	authorization string // empty: nothing that API Gateway knows
	authorizer    string
	scopes        bool // whether a requirement's scopes count
	apiKey        bool
	broken        bool // what it asks cannot be had: its methods are not made
}

func (p *parser) readSchemes() {
	schemes := p.component("securityDefinitions", "securitySchemes")
	for _, name := range schemes.members() {
		if from := p.deref(schemes.get(name)); from != nil {
			p.schemes[name] = p.scheme(name, from)
		}
	}
}

func (p *parser) scheme(name string, from *object) *scheme {
	authType := from.text(extAuthType)
	extension := p.deref(from.get(extAuthorizer))
	switch {
	case extension != nil:
		return p.authorizerScheme(name, from, extension)
	case strings.EqualFold(authType, authTypeSigV4):
		return &scheme{authorization: authIAM}
	case authType != "":
		p.warn(missingAuthorizer, name)
		return &scheme{broken: true}
	case p.opts.Protocol == HTTP:
		// unverified against AWS: a route that asks for it must not end up open.
		p.warn(missingAuthorizer, name)
		return &scheme{broken: true}
	case from.text("type") != "apiKey":
		p.warn("Unsupported security definition type '%s' for '%s'. Ignoring.", from.text("type"), name)
		return &scheme{}
	case from.text("in") == "header" && strings.EqualFold(from.text("name"), apiKeyHeader):
		return &scheme{apiKey: true}
	}
	p.info("Security definition '%s' is not an authorizer. Ignoring.", name)
	return &scheme{}
}

const missingAuthorizer = "Unable to create authorizer from security definition: '%[1]s'. Extension x-amazon-apigateway-authorizer is required. Any methods with security: '%[1]s' will not be created. If this security definition is not a custom authorizer, remove the x-amazon-apigateway-authtype extension and it will be ignored."

func (p *parser) authorizerScheme(name string, from, extension *object) *scheme {
	a := p.authorizer(name, from, extension)
	out := &scheme{authorizer: name}
	switch a.Type {
	case typeToken, typeRequest:
		out.authorization = authCustom
	case authCognito:
		out.authorization, out.scopes = authCognito, true
	case authJWT:
		out.authorization, out.scopes = authJWT, true
	}
	if !p.supports(a.Type) {
		// unverified against AWS: the text.
		p.warn(AuthorizerFailed, name, "Invalid authorizer type specified: "+extension.text("type"))
		return &scheme{broken: true}
	}
	if p.opts.CheckAuthorizer != nil {
		if err := p.opts.CheckAuthorizer(a); err != nil {
			p.warn(AuthorizerFailed, name, err)
			return &scheme{broken: true}
		}
	}
	p.doc.Authorizers = append(p.doc.Authorizers, a)
	return out
}

func (p *parser) supports(authorizerType string) bool {
	switch authorizerType {
	case typeRequest:
		return true
	case typeToken, authCognito:
		return p.opts.Protocol == REST
	case authJWT:
		return p.opts.Protocol == HTTP
	}
	return false
}

func (p *parser) authorizer(name string, from, extension *object) Authorizer {
	jwt := extension.object("jwtConfiguration")
	a := Authorizer{
		Name: name, Type: strings.ToUpper(extension.text("type")), AuthType: from.text(extAuthType),
		URI: extension.text("authorizerUri"), Credentials: extension.text("authorizerCredentials"),
		IdentitySource: extension.text("identitySource"), IdentityValidationExpression: extension.text("identityValidationExpression"),
		TTLSeconds: extension.integer("authorizerResultTtlInSeconds"), ProviderARNs: extension.texts("providerARNs"),
		PayloadFormatVersion: formatVersion(extension.text("authorizerPayloadFormatVersion")), EnableSimpleResponses: extension.boolean("enableSimpleResponses"),
		JWTIssuer: jwt.text("issuer"), JWTAudience: jwt.texts("audience"),
	}
	if one := jwt.text("audience"); one != "" {
		a.JWTAudience = []string{one}
	}
	if list := extension.texts("identitySource"); len(list) > 0 {
		a.IdentitySource = strings.Join(list, ",")
	}
	if a.JWTIssuer == "" {
		a.JWTIssuer = strings.TrimSuffix(from.text("openIdConnectUrl"), "/.well-known/openid-configuration")
	}
	if p.opts.Protocol == HTTP {
		return a
	}
	if a.AuthType == "" {
		a.AuthType = authTypeCustom
		if a.Type == authCognito {
			a.AuthType = strings.ToLower(authCognito)
		}
	}
	if a.IdentitySource == "" {
		a.IdentitySource = defaultIdentitySource(from)
	}
	return a
}

// defaultIdentitySource is the header or query string parameter that the scheme
// names. AWS writes Unused where an authorizer has none or several.
func defaultIdentitySource(from *object) string {
	name := from.text("name")
	location, ok := locations[from.text("in")]
	if name == "" || !ok || name == unusedName {
		return ""
	}
	return requestPrefix + location + "." + name
}

const unusedName = "Unused"

// readSecurity finds out who may call the method: the operation's requirements, else
// the document's. False: a guard of the method cannot be made, so neither can it.
func (o *operation) readSecurity() bool {
	from := o.op.get("security") // null says no more than nothing does
	if from == nil {
		from = o.root.get("security")
		if !o.spend(from) {
			return false
		}
	}
	requirements, ok := from.([]any)
	if from != nil && !ok {
		return o.malformedSecurity("array")
	}
	if o.opts.Protocol == HTTP && len(requirements) > 1 {
		// unverified against AWS: the text.
		o.fail("Only one security requirement is supported for the route '%s'", o.method.RouteKey(o.resource.Path))
		return false
	}
	for _, v := range requirements {
		requirement, ok := v.(*object)
		if !ok {
			return o.malformedSecurity("object")
		}
		for _, name := range requirement.members() {
			if !o.require(name, requirement.texts(name)) {
				return false
			}
		}
	}
	switch auth := strings.ToUpper(o.op.object(extAuth).text("type")); auth {
	case "":
	case authNone:
		o.authorize(authNone, "", nil)
	case authIAM:
		o.authorize(authIAM, "", nil)
	default:
		// Kept as it is, to be refused where methods are checked, unless a scheme says
		// the same.
		if o.method.Authorizer == "" {
			o.method.AuthorizationType = auth
		}
	}
	return true
}

// malformedSecurity leaves out a method whose guards cannot be read.
//
// unverified against AWS: the text, which is that of the parser for other members.
func (o *operation) malformedSecurity(want string) bool {
	o.warn("Parse issue: attribute paths.'%s'(%s).security is not of type `%s`", o.resource.Path, strings.ToLower(o.method.HTTPMethod), want)
	return false
}

func (o *operation) require(name string, scopes []string) bool {
	s := o.schemes[name]
	if s == nil {
		// AWS: NONE, which no document defines, opens the method, whatever the document
		// says for all; SAM writes it for methods without the default authorizer.
		if name == authNone {
			return true
		}
		// unverified against AWS: the text, and that the method is left out.
		o.warn("Unable to find security definition: '%[1]s'. Any methods with security: '%[1]s' will not be created.", name)
		return false
	}
	if s.broken {
		return false
	}
	o.method.APIKeyRequired = o.method.APIKeyRequired || s.apiKey
	if s.authorization == "" || o.method.AuthorizationType != authNone {
		return true
	}
	if !s.scopes {
		scopes = nil
	}
	o.authorize(s.authorization, s.authorizer, scopes)
	return true
}

func (o *operation) authorize(authorization, authorizer string, scopes []string) {
	o.method.AuthorizationType, o.method.Authorizer, o.method.AuthorizationScopes = authorization, authorizer, scopes
}
