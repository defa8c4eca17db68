package apigateway

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/internal/lazyregexp"
)

// stagePatch applies PATCH operations to a stage. A stage takes whatever it does
// not know for the path of a method setting, and refuses in words of its own.
type stagePatch struct {
	tx    *txn
	apiID string
	st    *Stage
}

func (s stagePatch) apply(ops []wire.PatchOperation) error {
	for _, o := range ops {
		if err := s.one(patch.FromWire(o)); err != nil {
			return err
		}
	}
	return nil
}

func (s stagePatch) one(p patch.Op) error {
	switch p.Op {
	case "copy":
		return s.copy(p)
	case "remove":
		return s.remove(p)
	case "add":
		return s.add(p)
	case "replace":
		return s.replace(p)
	}
	return errStagePath(p)
}

// copy promotes a canary; it is all that copy can do.
func (s stagePatch) copy(p patch.Op) error {
	fromDeployment := p.Path == "/deploymentId" && p.From == "/canarySettings/deploymentId"
	fromVariables := p.Path == "/variables" && p.From == "/canarySettings/stageVariableOverrides"
	switch {
	case !fromDeployment && !fromVariables:
		return awsapi.BadRequest("Invalid copy operation with path: %s and from %s. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]", p.Path, p.From)
	case s.st.Canary == nil:
		return awsapi.BadRequest("Promotion not available. Canary does not exist.")
	case fromDeployment:
		s.st.DeploymentID = s.st.Canary.DeploymentID
	case len(s.st.Canary.VariableOverrides) > 0:
		merged := maps.Clone(s.st.Variables)
		if merged == nil {
			merged = map[string]string{}
		}
		maps.Copy(merged, s.st.Canary.VariableOverrides)
		s.st.Variables = merged
	}
	return nil
}

func (s stagePatch) remove(p patch.Op) error {
	path := strings.TrimPrefix(p.Path, "/")
	if name, ok := strings.CutPrefix(path, "variables/"); ok {
		delete(s.st.Variables, patch.Unescape(name))
		return nil
	}
	if name, ok := strings.CutPrefix(path, "canarySettings/stageVariableOverrides/"); ok && s.st.Canary != nil {
		delete(s.st.Canary.VariableOverrides, patch.Unescape(name))
		return nil
	}
	switch path {
	case "accessLogSettings":
		s.st.AccessLog = nil
		return nil
	case "canarySettings":
		s.st.Canary = nil
		return nil
	}
	if s.st.MethodSettings[path] == nil {
		// AWS: the text ends in a space.
		return awsapi.BadRequest("Cannot remove method setting %s because there is no method setting for this method ", path)
	}
	delete(s.st.MethodSettings, path)
	return nil
}

func (s stagePatch) add(p patch.Op) error {
	switch {
	case strings.HasPrefix(p.Path, "/accessLogSettings"):
		return s.accessLog(p)
	case strings.HasPrefix(p.Path, "/variables/"):
		return s.variable(p)
	}
	return awsapi.BadRequest("Invalid add operation with path: %s", p.Path)
}

func (s stagePatch) replace(p patch.Op) error {
	if set := stageSetters[p.Path]; set != nil {
		return set(s, p.Value)
	}
	switch {
	case strings.HasPrefix(p.Path, "/accessLogSettings"):
		return s.accessLog(p)
	case strings.HasPrefix(p.Path, "/variables/"):
		return s.variable(p)
	case strings.HasPrefix(p.Path, "/canarySettings/"):
		return s.canary(p)
	}
	key, setting, ok := methodSetting(strings.TrimPrefix(p.Path, "/"))
	if !ok {
		return errStagePath(p)
	}
	if setting == "logging/loglevel" && p.Value != "OFF" && s.tx.loggingRole() == "" {
		return awsapi.BadRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return settingSetters[setting](s.st.settingFor(key), p.Value)
}

// methodSetting takes the path {path}/{VERB}/{setting} apart.
//
// AWS: the key stays as it was addressed, whether a resource's path has ~1 for its
// slashes or not, and with the first one or without:
// https://docs.aws.amazon.com/cli/latest/reference/apigateway/update-stage.html
func methodSetting(path string) (key, setting string, ok bool) {
	segments := strings.Split(path, "/")
	n := len(segments)
	if n < 4 {
		return "", "", false
	}
	key, setting = strings.Join(segments[:n-2], "/"), segments[n-2]+"/"+segments[n-1]
	verb := segments[n-3]
	return key, setting, settingSetters[setting] != nil && (verb == "*" || slices.Contains(verbs, verb))
}

var stageSetters = map[string]func(s stagePatch, value string) error{
	"/deploymentId": func(s stagePatch, v string) error {
		if _, err := s.tx.deployment(&s.apiID, &v); err != nil {
			return errDeploymentMissing
		}
		s.st.DeploymentID = v
		return nil
	},
	"/description": func(s stagePatch, v string) error { s.st.Description = v; return nil },
	"/clientCertificateId": func(s stagePatch, v string) error {
		if _, ok := clientCertificates.Get(s.tx.Tx, s.tx.scope, v); v != "" && !ok {
			return errClientCertificate
		}
		s.st.ClientCertificateID = v
		return nil
	},
	"/documentationVersion": func(s stagePatch, v string) error {
		s.st.DocumentationVersion = v
		return s.tx.checkDocumentationVersion(s.apiID, v)
	},
	"/tracingEnabled": func(s stagePatch, v string) error { s.st.TracingEnabled = patch.True(v); return nil },
	"/cacheClusterEnabled": func(s stagePatch, v string) error {
		s.st.setCacheCluster(patch.True(v), "", s.tx.s.Now())
		return nil
	},
	"/cacheClusterSize": func(s stagePatch, v string) error {
		return setOneOf(&s.st.CacheClusterSize, v, "0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
	},
}

func (s stagePatch) variable(p patch.Op) error {
	if s.st.Variables == nil {
		s.st.Variables = map[string]string{}
	}
	s.st.Variables[patch.Unescape(strings.TrimPrefix(p.Path, "/variables/"))] = p.Value
	return nil
}

func (s stagePatch) accessLog(p patch.Op) error {
	if p.Path != "/accessLogSettings/destinationArn" && p.Path != "/accessLogSettings/format" {
		return awsapi.BadRequest("Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]")
	}
	if p.Value == "" {
		return awsapi.BadRequest("Access Log value must not be empty")
	}
	if s.st.AccessLog == nil {
		s.st.AccessLog = &AccessLogSettings{}
	}
	check, member := checkAccessLogDestination, &s.st.AccessLog.DestinationARN
	if p.Path == "/accessLogSettings/format" {
		check, member = checkAccessLogFormat, &s.st.AccessLog.Format
	}
	*member = p.Value
	return check(p.Value)
}

// checkAccessLogDestination wants a log group, or a delivery stream of a certain name.
func checkAccessLogDestination(destination string) error {
	arn, ok := awsapi.ParseARN(destination)
	switch {
	case !ok:
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid ARN specified in the request")
	case arn.Service != "logs" && arn.Service != "firehose":
		return awsapi.BadRequest("Invalid ARN specified in the request. The ARN must be a valid CloudWatch Logs log group or Kinesis Data Firehose delivery stream ARN.")
	case arn.Service == "firehose" && !strings.HasPrefix(arn.Resource, "deliverystream/amazon-apigateway-"):
		return awsapi.BadRequest("Kinesis Firehose delivery stream name must begin with the characters 'amazon-apigateway-'")
	}
	return nil
}

var identifiesRequest = lazyregexp.New(`\$\{?context\.(?:requestId|extendedRequestId)(?:[^a-zA-Z0-9_.]|$)`)

// checkAccessLogFormat wants lines of one request each, that tell which request.
func checkAccessLogFormat(format string) error {
	switch {
	case strings.ContainsAny(strings.TrimRight(format, "\r\n"), "\r\n"):
		return awsapi.BadRequest("Access Log format must be single line, new line character is allowed only at end of the format: '%s'", format)
	case !identifiesRequest().MatchString(format):
		// AWS: https://github.com/aws/aws-cdk/pull/22591
		return awsapi.BadRequest("Access Log format must include either $context.requestId or $context.extendedRequestId : '%s'", format)
	}
	return nil
}

// canary changes the canary. AWS: changing what does not exist makes it, on the
// stage's own deployment and without traffic.
func (s stagePatch) canary(p patch.Op) error {
	c := s.st.Canary
	if c == nil {
		c = &Canary{DeploymentID: s.st.DeploymentID}
	}
	name, isOverride := strings.CutPrefix(p.Path, "/canarySettings/stageVariableOverrides/")
	switch {
	case isOverride:
		if c.VariableOverrides == nil {
			c.VariableOverrides = map[string]string{}
		}
		c.VariableOverrides[patch.Unescape(name)] = p.Value
	case p.Path == "/canarySettings/deploymentId":
		if _, err := s.tx.deployment(&s.apiID, &p.Value); err != nil {
			return errDeploymentMissing
		}
		c.DeploymentID = p.Value
	case p.Path == "/canarySettings/percentTraffic":
		f, err := strconv.ParseFloat(p.Value, 64)
		if err != nil || !validPercent(f) {
			return errPercent
		}
		c.PercentTraffic = f
	case p.Path == "/canarySettings/useStageCache":
		c.UseStageCache = patch.True(p.Value)
	default:
		return errStagePath(p)
	}
	s.st.Canary = c
	return nil
}

// unverified against AWS: the text.
var errPercent = awsapi.BadRequest("Invalid percentTraffic value, must be between 0.0 and 100.0")

// validPercent judges the share of a canary; what is not a number is none.
func validPercent(f float64) bool { return f >= 0 && f <= 100 }

// errStagePath lists what a stage accepts. AWS: the text lacks commas where the
// throttling settings stand.
func errStagePath(p patch.Op) error {
	return awsapi.BadRequest("Invalid method setting path: %s. Must be one of: [/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]", p.Path)
}
