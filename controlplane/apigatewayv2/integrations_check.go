package apigatewayv2

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// checkIntegration tests an integration as a whole.
func (tx *txn) checkIntegration(i *Integration) error {
	if err := i.check(); err != nil {
		return err
	}
	if err := tx.s.checkParameters(i); err != nil {
		return err
	}
	return tx.checkLink(i)
}

// check tests all but the parameters, in the order of AWS's own checks as far as it
// is known.
func (i *Integration) check() error {
	if i.Type != awsProxy && i.Type != httpProxy {
		return awsapi.BadRequest("Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)")
	}
	if i.PayloadFormat == "" {
		return awsapi.BadRequest("PayloadFormatVersion is a required parameter for integration")
	}
	if i.Type == httpProxy {
		switch {
		case i.PayloadFormat != payloadFormat:
			return awsapi.BadRequest("PayloadFormatVersion %s is not supported for integration of type HTTP_PROXY", i.PayloadFormat)
		case i.Method == "":
			return awsapi.BadRequest("HttpMethod parameter method must be specified for integrationType HTTPPROXY")
		case !slices.Contains(methods, i.Method):
			// unverified against AWS: the text.
			return awsapi.BadRequest("Invalid HTTP method specified: %s", i.Method)
		}
	} else if i.PayloadFormat != "1.0" && i.PayloadFormat != "2.0" {
		return awsapi.BadRequest("Unsupported PayloadFormatVersion: %s", i.PayloadFormat)
	}
	if i.TimeoutMillis < minTimeout || i.TimeoutMillis > maxTimeout {
		return awsapi.BadRequest("Timeout should be between %d ms and %d ms", minTimeout, maxTimeout)
	}
	if i.Subtype != "" {
		return i.checkSubtype()
	}
	if i.ConnectionType == vpcLink {
		switch {
		case i.ConnectionID == "":
			return awsapi.BadRequest("ConnectionId must be set to vpcLinkId for ConnectionType VPC_LINK")
		case !privateTarget().MatchString(i.URI):
			return awsapi.BadRequest("For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN.")
		}
		return nil
	}
	return i.checkURI()
}

var methods = []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// checkURI tests what an integration calls. With a stage variable in it, that is known
// no sooner than the stage is.
func (i *Integration) checkURI() error {
	switch {
	case strings.Contains(i.URI, "${stageVariables."):
		return nil
	case i.Type == awsProxy && lambdaTarget().MatchString(i.URI):
		return nil
	case i.Type == httpProxy && urlTarget().MatchString(i.URI):
		return nil
	case i.Type == httpProxy && i.URI != "":
		// unverified against AWS: the text, which is that of REST APIs.
		return awsapi.BadRequest("Invalid HTTP endpoint specified for URI")
	}
	return errURI()
}

func errURI() error { return awsapi.BadRequest("Invalid integration URI specified") }

// checkLink looks for the VPC link of a private integration.
//
// unverified against AWS: that a link that is not there is refused, and the text.
func (tx *txn) checkLink(i *Integration) error {
	if i.ConnectionType != vpcLink {
		return nil
	}
	_, err := tx.vpcLink(&i.ConnectionID)
	return err
}

var privateTarget = lazyregexp.New(`^arn:[^:]+:(elasticloadbalancing:[^:]*:[^:]*:listener/|servicediscovery:[^:]*:[^:]*:service/)`)

func (i *Integration) checkSubtype() error {
	_, known := snapshot.ServiceSubtypes[i.Subtype]
	switch {
	case !known, i.Type != awsProxy, i.PayloadFormat != payloadFormat:
		return awsapi.BadRequest("Operation: %s is not supported.", i.Subtype)
	case i.CredentialsARN == "":
		return awsapi.BadRequest("Role ARN must be specified for AWS integration configuration with Subtype: %s", i.Subtype)
	case i.ConnectionType == vpcLink:
		// unverified against AWS: the text.
		return awsapi.BadRequest("ConnectionType VPC_LINK is not supported for integrations with Subtype: %s", i.Subtype)
	}
	return checkRequired(i.Subtype, i.RequestParameters)
}

// checkServiceUpdate tests a PATCH of an integration that calls a service.
//
// AWS: such a PATCH is tested as if it were the whole integration. It must name the
// subtype again, or the integration is taken for one with a URI, and must have all of
// the parameters that the subtype requires.
func (i *Integration) checkServiceUpdate(in *wire.UpdateIntegrationInput) error {
	switch {
	case i.Subtype == "":
		return nil
	case in.IntegrationSubtype == nil:
		return errURI()
	}
	return checkRequired(*in.IntegrationSubtype, in.RequestParameters)
}

func checkRequired(subtype string, parameters map[string]string) error {
	required := snapshot.ServiceSubtypes[subtype].Required
	for _, name := range required {
		if _, given := parameters[name]; !given {
			// unverified against AWS: the order of the list.
			return awsapi.BadRequest("Operation: %s requires enabling passthrough, or defining all of the following parameters in the parameter mapping: [%s]",
				subtype, strings.Join(required, ", "))
		}
	}
	return nil
}

// webSocketOnly refuses members that only WebSocket APIs have.
//
// unverified against AWS: the text.
func webSocketOnly(in *wire.UpdateIntegrationInput) error {
	for name, sent := range map[string]bool{
		"ContentHandlingStrategy":     in.ContentHandlingStrategy != nil,
		"PassthroughBehavior":         in.PassthroughBehavior != nil,
		"RequestTemplates":            len(in.RequestTemplates) > 0,
		"TemplateSelectionExpression": in.TemplateSelectionExpression != nil,
	} {
		if sent {
			return awsapi.BadRequest("%s is not supported for APIs with a protocol type of HTTP", name)
		}
	}
	return nil
}
