package apigateway

import (
	"net/url"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
)

// callerCredentials stands for the identity of whoever calls the API.
const callerCredentials = "arn:aws:iam::*:user/*"

var passthroughBehaviors = []string{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}

const (
	minTimeoutMillis = 50
	maxTimeoutMillis = 29000
	// AWS: regional and private APIs may be given more by quota, and streamed
	// responses may take a quarter of an hour.
	maxStreamMillis = 900000
)

// checkIntegration judges a method's integration as a whole, in AWS's order. Cache keys
// that it had before are known.
func (tx *txn) checkIntegration(m *Method, i *Integration, known []string) error {
	if i.Type != "MOCK" {
		if i.HTTPMethod == "" {
			return awsapi.BadRequest("Enumeration value for HttpMethod must be non-empty")
		}
		if !slices.Contains(verbs, i.HTTPMethod) {
			return errVerb // unverified against AWS: the text, which is that of methods
		}
		if err := tx.checkURI(i); err != nil {
			return err
		}
	}
	if i.ConnectionType == "VPC_LINK" && i.ConnectionID == "" {
		return awsapi.BadRequest("ConnectionId should be set to the vpcLinkId or stage variable on connection type VPC_LINK")
	}
	if !slices.Contains(passthroughBehaviors, i.PassthroughBehavior) {
		// unverified against AWS: the text, which is that of a PATCH.
		return awsapi.BadRequest("Invalid value specified for passthroughBehavior: %s", i.PassthroughBehavior)
	}
	longest := maxTimeoutMillis
	if i.TransferMode == "STREAM" {
		longest = maxStreamMillis
	}
	if i.TimeoutMillis < minTimeoutMillis || i.TimeoutMillis > longest {
		return awsapi.BadRequest("Timeout should be between %d ms and %d ms", minTimeoutMillis, longest)
	}
	if i.TransferMode == "STREAM" && i.Type != "HTTP_PROXY" && i.Type != "AWS_PROXY" {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Response transfer mode STREAM is supported for integrations of type HTTP_PROXY and AWS_PROXY only")
	}
	if i.Type == "AWS_PROXY" && strings.HasSuffix(i.URI, "/response-streaming-invocations") != (i.TransferMode == "STREAM") {
		// unverified against AWS: the text.
		return awsapi.BadRequest("The integration URI does not match the response transfer mode")
	}
	for _, dest := range sortedNames(i.RequestParameters) {
		if err := checkIntegrationParameter(m, dest, i.RequestParameters[dest]); err != nil {
			return err
		}
	}
	if err := checkCacheKeys(m, i.CacheKeyParameters, known); err != nil {
		return err
	}
	return checkTemplateTypes(i.RequestTemplates)
}

// checkCacheKeys wants what tells responses apart to be a parameter of the method or of
// the integration's request. AWS: known ones are not judged again, so that a parameter
// can be taken from the method first.
func checkCacheKeys(m *Method, keys, known []string) error {
	for _, key := range keys {
		if _, declared := m.RequestParameters[key]; declared || slices.Contains(known, key) || integrationDestination().MatchString(key) {
			continue
		}
		return awsapi.BadRequest("Invalid cache key parameter specified")
	}
	return nil
}

func (tx *txn) checkURI(i *Integration) error {
	if i.URI == "" {
		// AWS: https://github.com/aws/aws-cdk/pull/10730
		// unverified against AWS: that it says so of integrations with services, too.
		return awsapi.BadRequest("Invalid integration URI specified")
	}
	if i.Type == "HTTP" || i.Type == "HTTP_PROXY" {
		if !isHTTP(i.URI) {
			return awsapi.BadRequest("Invalid HTTP endpoint specified for URI")
		}
		return nil
	}
	arn, ok := awsapi.ParseARN(i.URI)
	if !ok {
		return awsapi.BadRequest("Invalid ARN specified in the request")
	}
	kind, rest, ok := strings.Cut(arn.Resource, "/")
	if arn.Service != "apigateway" || !ok || (kind != "path" && kind != "action") {
		return awsapi.BadRequest("AWS ARN for integration must contain path or action")
	}
	// The service stands where other ARNs have their account.
	service := arn.Account
	if i.Type == "AWS_PROXY" && !proxyTarget(service, kind, rest) {
		return awsapi.BadRequest("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.")
	}
	return tx.checkCredentials(i, service)
}

func isHTTP(uri string) bool {
	lower := strings.ToLower(uri)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		return false
	}
	// Stage variables and path parameters may stand anywhere in the rest.
	plain := placeholders().ReplaceAllString(uri, "x")
	u, err := url.Parse(plain)
	return err == nil && u.Host != ""
}

var (
	placeholders   = lazyregexp.New(`\$?\{[^}]*\}`)
	functionTarget = lazyregexp.New(`^[^/]+/functions/.+/(?:invocations|response-streaming-invocations)$`)
)

func proxyTarget(service, kind, rest string) bool {
	switch service {
	case "lambda":
		return kind == "path" && functionTarget().MatchString(rest)
	case "firehose":
		return kind == "action"
	}
	return false
}

func (tx *txn) checkCredentials(i *Integration, service string) error {
	if i.Credentials == "" {
		if service != "lambda" {
			return awsapi.BadRequest("Role ARN must be specified for AWS integrations")
		}
		return nil
	}
	if i.Credentials == callerCredentials || strings.Contains(i.Credentials, "${stageVariables.") {
		return nil
	}
	role, ok := awsapi.ParseARN(i.Credentials)
	if !ok || role.Service != "iam" {
		return awsapi.BadRequest("Invalid ARN specified in the request")
	}
	if role.Account != tx.id.Account {
		return &awsapi.Error{Code: "AccessDeniedException", Message: "Cross-account pass role is not allowed.", Status: 403}
	}
	return nil
}

var (
	integrationDestination = lazyregexp.New(`^integration\.request\.(?:path|querystring|header)\.[a-zA-Z0-9._$:\[\]-]+$`)
	requestSource          = lazyregexp.New(`^(?:method\.request\.(?:path|querystring|header|multivaluequerystring|multivalueheader)\.[a-zA-Z0-9._$:\[\]-]+|method\.request\.body(?:[.\[].+)?|stageVariables\.[a-zA-Z0-9_]+|context\.[a-zA-Z0-9._-]+|'.*')$`)
)

func checkIntegrationParameter(m *Method, dest, source string) error {
	if !integrationDestination().MatchString(dest) {
		return errMapping(dest)
	}
	if !requestSource().MatchString(source) {
		return errMapping(source)
	}
	if parameter := singleValued.Replace(source); isParameter(parameter) {
		if _, declared := m.RequestParameters[parameter]; !declared {
			return errUndeclared(source)
		}
	}
	return nil
}

// singleValued turns the name of a parameter's list of values into the name that
// the method declares it by.
var singleValued = strings.NewReplacer("method.request.multivaluequerystring.", "method.request.querystring.", "method.request.multivalueheader.", "method.request.header.")

func isParameter(source string) bool {
	return strings.HasPrefix(source, "method.request.") && !strings.HasPrefix(source, "method.request.body")
}

var mediaType = lazyregexp.New(`^(?:\$default|[^\s/;]+/[^\s/;]+(?:;.*)?)$`)

// checkTemplateTypes wants the keys of a template map to be media types.
func checkTemplateTypes(templates map[string]string) error {
	for _, contentType := range sortedNames(templates) {
		if !mediaType().MatchString(contentType) {
			return errNoMediaType(contentType)
		}
	}
	return nil
}

func errNoMediaType(contentType string) error {
	return awsapi.BadRequest("Validation Result: warnings : [], errors : [Invalid content type specified: %s]", contentType)
}
