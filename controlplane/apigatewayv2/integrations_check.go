package apigatewayv2

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// check tests an integration as a whole, in the order of AWS's own checks as far as
// it is known.
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
	}
	if i.URI == "" {
		// unverified against AWS: the text.
		return awsapi.BadRequest("IntegrationUri is a required parameter for integration")
	}
	return i.checkParameters()
}

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
	operation, known := snapshot.ServiceSubtypes[i.Subtype]
	switch {
	case !known, i.Type != awsProxy, i.PayloadFormat != payloadFormat:
		return awsapi.BadRequest("Operation: %s is not supported.", i.Subtype)
	case i.CredentialsARN == "":
		return awsapi.BadRequest("Role ARN must be specified for AWS integration configuration with Subtype: %s", i.Subtype)
	case i.ConnectionType == vpcLink:
		// unverified against AWS: the text.
		return awsapi.BadRequest("ConnectionType VPC_LINK is not supported for integrations with Subtype: %s", i.Subtype)
	}
	for _, name := range operation.Required {
		if i.RequestParameters[name] == "" {
			// unverified against AWS: how the list is written.
			return awsapi.BadRequest("Operation: %s requires enabling passthrough, or defining all of the following parameters: [%s]",
				i.Subtype, strings.Join(operation.Required, ", "))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(i.RequestParameters)) {
		if !slices.Contains(operation.Required, name) && !slices.Contains(operation.Optional, name) {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Parameter: %s does not fit schema for Operation: %s.", name, i.Subtype)
		}
		if err := checkVariables(i.RequestParameters[name], "request"); err != nil {
			return err
		}
	}
	return i.checkResponseParameters()
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

var (
	requestAction  = lazyregexp.New(`^((append|overwrite|remove):(header|querystring)\..+|overwrite:path)$`)
	responseAction = lazyregexp.New(`^((append|overwrite|remove):header\..+|overwrite:statuscode)$`)
)

func (i *Integration) checkParameters() error {
	for key, value := range i.RequestParameters {
		if !requestAction().MatchString(key) {
			return awsapi.BadRequest("Invalid Request Actioned Parameter %s", key)
		}
		if err := checkExpression(key, value, "request"); err != nil {
			return err
		}
	}
	return i.checkResponseParameters()
}

func (i *Integration) checkResponseParameters() error {
	for code, params := range i.ResponseParameters {
		if n, err := strconv.Atoi(code); err != nil || n < 200 || n > 599 {
			return awsapi.BadRequest("Status Code %s is not valid", code)
		}
		for key, value := range params {
			if !responseAction().MatchString(key) {
				return awsapi.BadRequest("Invalid Response Actioned Parameter destination specified: %s", key)
			}
			if err := checkExpression(key, value, "response"); err != nil {
				return err
			}
		}
	}
	return nil
}

// reservedHeaders cannot be mapped, in either direction.
var reservedHeaders = []string{
	"authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded", "keep-alive", "origin",
	"proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding", "upgrade",
	"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via",
}

var reservedPrefixes = []string{"access-control-", "apigw-", "x-amz-", "x-amzn-"}

var variableName = lazyregexp.New(`\$\{?((?:request|response|context|stageVariables)\b[A-Za-z0-9._-]*)`)

// checkExpression tests a mapping's destination and the roots of its variables.
func checkExpression(key, value, side string) error {
	if _, header, ok := strings.Cut(key, ":header."); ok {
		name := strings.ToLower(header)
		reserved := slices.Contains(reservedHeaders, name) ||
			slices.ContainsFunc(reservedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
		if reserved {
			return errMapping("Operations on header " + header + " are restricted")
		}
	}
	return checkVariables(value, side)
}

// errMapping refuses a mapping expression.
//
// unverified against AWS: the words inside the brackets.
func errMapping(problem string) error {
	return awsapi.BadRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [%s]", problem)
}

func checkVariables(value, side string) error {
	for _, m := range variableName().FindAllStringSubmatch(value, -1) {
		root, rest, _ := strings.Cut(m[1], ".")
		kind, _, _ := strings.Cut(rest, ".")
		switch {
		case root == "context" || root == "stageVariables":
		case root != side, !slices.Contains(mappable[side], kind):
			return errMapping("Invalid mapping expression parameter specified: $" + m[1])
		}
	}
	return nil
}

var mappable = map[string][]string{
	"request":  {"header", "querystring", "body", "path"},
	"response": {"header", "body"},
}
