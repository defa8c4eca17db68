package reqcontext

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Variable finds the getter of a $context variable by its name without "$context.".
// The getter says false when the variable has no value for a request. Compile steps
// call Variable once; ok is false for a name that AWS does not know.
func Variable(name string) (get func(*Context) (string, bool), ok bool) {
	if n, ok := numbers[name]; ok {
		return n.text, true
	}
	if text, ok := variables[name]; ok {
		return func(c *Context) (string, bool) {
			s := text(c)
			return s, s != ""
		}, true
	}
	if key, ok := strings.CutPrefix(name, "authorizer.claims."); ok {
		return func(c *Context) (string, bool) {
			v, ok := c.Authorizer.Claims[key]
			return v, ok
		}, true
	}
	if get := overrideVariable(name); get != nil {
		return get, true
	}
	if key, ok := strings.CutPrefix(name, "authorizer."); ok {
		return func(c *Context) (string, bool) { return c.authorizerValue(key) }, true
	}
	return nil, false
}

// Lookup gives a $context variable's value for this request; see Variable.
func (c *Context) Lookup(name string) (string, bool) {
	get, ok := Variable(name)
	if !ok {
		return "", false
	}
	return get(c)
}

func (c *Context) authorizerValue(key string) (string, bool) {
	v, ok := c.Authorizer.Context[key]
	if !ok || v == nil {
		return "", false
	}
	return Text(v), true
}

// Text writes a JSON value as AWS shows it in text: strings bare, everything else
// as JSON.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	}
	return jsonText(v)
}

// jsonText is a value's JSON, with < > & as they are.
func jsonText(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var variables = map[string]func(*Context) string{
	"accountId":                         func(c *Context) string { return c.AccountID },
	"apiId":                             func(c *Context) string { return c.APIID },
	"awsEndpointRequestId":              func(c *Context) string { return c.Integration.RequestID },
	"awsEndpointRequestId2":             func(*Context) string { return "" }, // nothing behind an API here gives a second id
	"customDomain.basePathMatched":      func(c *Context) string { return c.BasePathMatched },
	"customDomain.routingRuleIdMatched": func(c *Context) string { return c.RoutingRuleID },
	"deploymentId":                      func(c *Context) string { return c.DeploymentID },
	"domainName":                        func(c *Context) string { return c.DomainName },
	"domainPrefix":                      func(c *Context) string { return c.DomainPrefix },
	"extendedRequestId":                 func(c *Context) string { return c.ExtendedRequestID },
	"httpMethod":                        func(c *Context) string { return c.Method },
	"operationName":                     func(c *Context) string { return c.OperationName },
	"path":                              func(c *Context) string { return c.Path },
	"protocol":                          func(c *Context) string { return c.Protocol },
	"requestId":                         func(c *Context) string { return c.RequestID },
	"requestTime":                       func(c *Context) string { return string(appendCLFTime(nil, c.Start)) },
	"resourceId":                        func(c *Context) string { return c.ResourceID },
	"resourcePath":                      func(c *Context) string { return c.ResourcePath },
	"routeKey":                          func(c *Context) string { return c.RouteKey },
	"stage":                             func(c *Context) string { return c.Stage },
	"xrayTraceId":                       func(c *Context) string { return c.TraceID },
	"isCanaryRequest":                   isCanaryRequest,
	"error.message":                     func(c *Context) string { return c.Error.Message },
	"error.messageString":               errorMessageString,
	"error.responseType":                func(c *Context) string { return c.Error.ResponseType },
	"error.validationErrorString":       func(c *Context) string { return c.Error.Validation },
	"authorizer.principalId":            func(c *Context) string { return c.Authorizer.PrincipalID },
	"authorizer.error":                  func(c *Context) string { return c.Authorizer.Error },
	"authorizer.requestId":              func(c *Context) string { return c.Authorizer.RequestID },
	"integration.error":                 func(c *Context) string { return c.Integration.Error },
	"integration.requestId":             func(c *Context) string { return c.Integration.RequestID },
	"integrationErrorMessage":           func(c *Context) string { return c.Integration.Error },
	"identity.accessKey":                func(c *Context) string { return c.Identity.AccessKey },
	"identity.accountId":                func(c *Context) string { return c.Identity.AccountID },
	"identity.apiKey":                   func(c *Context) string { return c.Identity.APIKey },
	"identity.apiKeyId":                 func(c *Context) string { return c.Identity.APIKeyID },
	"identity.caller":                   func(c *Context) string { return c.Identity.Caller },
	"identity.cognitoIdentityId":        func(c *Context) string { return c.Identity.CognitoIdentityID },
	"identity.cognitoIdentityPoolId":    func(c *Context) string { return c.Identity.CognitoIdentityPoolID },
	"identity.cognitoAuthenticationProvider": func(c *Context) string {
		return c.Identity.CognitoAuthenticationProvider
	},
	"identity.cognitoAuthenticationType":     func(c *Context) string { return c.Identity.CognitoAuthenticationType },
	"identity.principalOrgId":                func(c *Context) string { return c.Identity.PrincipalOrgID },
	"identity.sourceIp":                      func(c *Context) string { return c.SourceIP },
	"identity.user":                          func(c *Context) string { return c.Identity.User },
	"identity.userAgent":                     func(c *Context) string { return c.UserAgent },
	"identity.userArn":                       func(c *Context) string { return c.Identity.UserARN },
	"identity.vpcId":                         func(c *Context) string { return c.Identity.VPCID },
	"identity.vpceId":                        func(c *Context) string { return c.VPCEndpointID },
	"identity.clientCert.clientCertPem":      func(c *Context) string { return c.cert().PEM },
	"identity.clientCert.subjectDN":          func(c *Context) string { return c.cert().SubjectDN },
	"identity.clientCert.issuerDN":           func(c *Context) string { return c.cert().IssuerDN },
	"identity.clientCert.serialNumber":       func(c *Context) string { return c.cert().SerialNumber },
	"identity.clientCert.validity.notBefore": func(c *Context) string { return c.cert().NotBefore },
	"identity.clientCert.validity.notAfter":  func(c *Context) string { return c.cert().NotAfter },
	"authenticate.error":                     func(c *Context) string { return c.authenticated().failure },
	"authorize.error":                        func(c *Context) string { return c.authorized().failure },
	"cipherSuite":                            func(c *Context) string { return cipherSuite(c.TLS) },
	"tlsVersion":                             func(c *Context) string { return tlsVersion(c.TLS) },
	"endpointType":                           func(c *Context) string { return c.EndpointType },
	"integration.responseTransferMode":       transferMode,
	"responseOverride.status":                func(c *Context) string { return override(c.Override.ResponseStatus) },
	"authorizer.claims":                      func(*Context) string { return "" }, // AWS: the map alone prints nothing
}

func (c *Context) cert() ClientCert {
	if c.ClientCert == nil {
		return ClientCert{}
	}
	return *c.ClientCert
}

func isCanaryRequest(c *Context) string {
	if !c.HasCanary {
		return ""
	}
	return strconv.FormatBool(c.Canary)
}

// errorMessageString is the message with its quotes: AWS prints a JSON string, or a
// bare null when an error has no message.
func errorMessageString(c *Context) string {
	switch {
	case c.Error.Message != "":
		return jsonText(c.Error.Message)
	case c.Error.ResponseType != "":
		return "null"
	}
	return ""
}

func transferMode(c *Context) string {
	switch {
	case c.Integration.Type == "":
		return ""
	case c.Integration.Streamed:
		return "STREAMED"
	}
	return "BUFFERED"
}
