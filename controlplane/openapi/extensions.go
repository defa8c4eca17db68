package openapi

import (
	"strings"
)

const (
	extensionPrefix = "x-amazon-apigateway-"

	extAnyMethod          = extensionPrefix + "any-method"
	extAPIKeySource       = extensionPrefix + "api-key-source"
	extAuth               = extensionPrefix + "auth"
	extAuthorizer         = extensionPrefix + "authorizer"
	extAuthType           = extensionPrefix + "authtype"
	extBinaryMediaTypes   = extensionPrefix + "binary-media-types"
	extCORS               = extensionPrefix + "cors"
	extDocumentation      = extensionPrefix + "documentation"
	extEndpoint           = extensionPrefix + "endpoint-configuration"
	extEndpointAccessMode = extensionPrefix + "endpoint-access-mode"
	extGatewayResponses   = extensionPrefix + "gateway-responses"
	extImportExport       = extensionPrefix + "importexport-version"
	extIntegration        = extensionPrefix + "integration"
	extMinimumCompression = extensionPrefix + "minimum-compression-size"
	extPolicy             = extensionPrefix + "policy"
	extRequestValidator   = extensionPrefix + "request-validator"
	extRequestValidators  = extensionPrefix + "request-validators"
	extSecurityPolicy     = extensionPrefix + "security-policy"
	extTagValue           = extensionPrefix + "tag-value"
)

// readSettings reads what belongs to the API as a whole.
func (p *parser) readSettings() {
	p.readEndpoint()
	if p.opts.Protocol == HTTP {
		p.readTags()
		p.readCORS()
		return
	}
	d := p.doc
	d.BinaryMediaTypes = p.root.texts(extBinaryMediaTypes)
	d.MinimumCompressionSize = p.root.integer(extMinimumCompression)
	d.APIKeySource = strings.ToUpper(p.root.text(extAPIKeySource))
	d.SecurityPolicy = p.root.text(extSecurityPolicy)
	d.EndpointAccessMode = p.root.text(extEndpointAccessMode)
	switch policy := p.root.get(extPolicy).(type) {
	case *object:
		d.Policy = string(encodeCompact(policy))
	case string:
		d.Policy = policy
	case nil:
	default:
		// A policy that is none is refused, not left out.
		d.Policy = string(encodeCompact(policy))
	}
	p.readValidators()
	p.readGatewayResponses()
}

func (p *parser) readEndpoint() {
	if len(p.root.list("servers")) > 1 {
		p.warn("More than one server provided. Ignoring all but the first for defining endpoint configuration")
	}
	from := p.root.object(extEndpoint)
	if from == nil {
		from = p.server().object(extEndpoint)
	}
	p.doc.Endpoint = EndpointConfiguration{
		Types: from.texts("types"), IPAddressType: from.text("ipAddressType"), VPCEndpointIDs: from.texts("vpcEndpointIds"),
		DisableExecuteAPIEndpoint: from.boolean("disableExecuteApiEndpoint"),
	}
	if len(p.opts.EndpointTypes) > 0 {
		p.doc.Endpoint.Types = p.opts.EndpointTypes
	}
}

// readTags reads the tags of an HTTP API. AWS: a tag without the extension has an
// empty value.
func (p *parser) readTags() {
	for _, v := range p.root.list("tags") {
		tag, _ := v.(*object)
		if tag.text("name") == "" {
			continue
		}
		if p.doc.Tags == nil {
			p.doc.Tags = map[string]string{}
		}
		p.doc.Tags[tag.text("name")] = tag.text(extTagValue)
	}
}

func (p *parser) readCORS() {
	from := p.root.object(extCORS)
	if from == nil {
		return
	}
	p.doc.CORS = &CORS{
		AllowCredentials: from.truth("allowCredentials"), AllowHeaders: from.texts("allowHeaders"), AllowMethods: from.texts("allowMethods"),
		AllowOrigins: from.texts("allowOrigins"), ExposeHeaders: from.texts("exposeHeaders"), MaxAge: from.integer("maxAge"),
	}
}

func (p *parser) readValidators() {
	validators := p.root.object(extRequestValidators)
	for _, name := range validators.members() {
		v := validators.object(name)
		p.doc.RequestValidators = append(p.doc.RequestValidators, RequestValidator{
			Name: name, ValidateRequestBody: v.truth("validateRequestBody"), ValidateRequestParameters: v.truth("validateRequestParameters"),
		})
	}
}

func (p *parser) readGatewayResponses() {
	responses := p.root.object(extGatewayResponses)
	for _, name := range responses.members() {
		r := p.deref(responses.get(name))
		p.doc.GatewayResponses = append(p.doc.GatewayResponses, GatewayResponse{
			Type: name, StatusCode: r.text("statusCode"),
			ResponseParameters: textMap(r.object("responseParameters")), ResponseTemplates: textMap(r.object("responseTemplates")),
		})
	}
}

// textMap gives the members of an object that are scalars; nil for none.
func textMap(o *object) map[string]string {
	var out map[string]string
	for _, k := range o.members() {
		if s, ok := scalar(o.get(k)); ok || o.get(k) == nil {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = s
		}
	}
	return out
}
