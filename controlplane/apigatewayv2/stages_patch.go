package apigatewayv2

import (
	"maps"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// AWS: the recorded text leaves the hyphen out, the guide and the service allow it.
var stageName = lazyregexp.New(`^(\$default|[a-zA-Z0-9_-]{1,128})$`)

var variableNameForm = lazyregexp.New(`^[A-Za-z0-9_]{1,64}$`)

// patchStage applies the members of a create or PATCH that were sent.
func (tx *txn) patchStage(a *API, st *Stage, in *wire.UpdateStageInput) error {
	if awsapi.Val(in.ClientCertificateId) != "" {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Client certificates are not supported on protocolType HTTP")
	}
	// AWS: an empty description leaves the one that there is; nothing takes it away.
	if awsapi.Val(in.Description) != "" {
		st.Description = *in.Description
	}
	set(&st.AutoDeploy, in.AutoDeploy)
	if err := tx.pointStage(a, st, in.DeploymentId); err != nil {
		return err
	}
	if err := st.setVariables(in.StageVariables); err != nil {
		return err
	}
	if err := st.setAccessLog(in.AccessLogSettings); err != nil {
		return err
	}
	if in.DefaultRouteSettings != nil {
		if err := st.Default.set(*in.DefaultRouteSettings); err != nil {
			return err
		}
	}
	for key, sent := range in.RouteSettings {
		if !tx.hasRoute(a, key) {
			return errRouteSettings(key)
		}
		settings := st.RouteSettings[key]
		if err := settings.set(sent); err != nil {
			return err
		}
		if st.RouteSettings == nil {
			st.RouteSettings = map[string]RouteSettings{}
		}
		st.RouteSettings[key] = settings
	}
	return nil
}

// pointStage moves a stage to a deployment.
func (tx *txn) pointStage(a *API, st *Stage, id *string) error {
	if id == nil {
		return nil
	}
	// AWS: not even the one that it has.
	if st.AutoDeploy {
		return awsapi.BadRequest("Deployment ID cannot be set on this stage because AutoDeploy is enabled")
	}
	if _, ok := deployments.Get(tx.Tx, tx.scope, a.ID+"/"+*id); !ok {
		return awsapi.NotFound("Invalid deployment identifier specified")
	}
	st.DeploymentID = *id
	return nil
}

func (tx *txn) hasRoute(a *API, key string) bool {
	for _, r := range routes.List(tx.Tx, tx.scope, a.ID+"/") {
		if r.Key == key {
			return true
		}
	}
	return false
}

func errRouteSettings(key string) error {
	return awsapi.NotFound("Unable to find Route by key %s within the provided RouteSettings", key)
}

func (r *RouteSettings) set(in wire.RouteSettings) error {
	if awsapi.Val(in.DataTraceEnabled) || in.LoggingLevel != nil && *in.LoggingLevel != "OFF" {
		return awsapi.BadRequest("Execution logs are not supported on protocolType HTTP")
	}
	if awsapi.Val(in.ThrottlingBurstLimit) < 0 || awsapi.Val(in.ThrottlingRateLimit) < 0 {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Throttling limits must not be negative")
	}
	if in.DetailedMetricsEnabled != nil {
		r.DetailedMetrics = in.DetailedMetricsEnabled
	}
	if in.ThrottlingBurstLimit != nil {
		r.Burst = in.ThrottlingBurstLimit
	}
	if in.ThrottlingRateLimit != nil {
		r.Rate = in.ThrottlingRateLimit
	}
	return nil
}

// setVariables lays the sent variables over what there is; an empty value takes one
// away.
func (st *Stage) setVariables(sent map[string]string) error {
	if sent == nil {
		return nil
	}
	out := maps.Clone(st.Variables)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range sent {
		// unverified against AWS: the texts.
		switch {
		case value == "":
			delete(out, name)
			continue
		case !variableNameForm().MatchString(name):
			return awsapi.BadRequest("Stage variable name %s is not valid: only a-zA-Z0-9_ and up to 64 characters are allowed", name)
		case len(value) > 512:
			return awsapi.BadRequest("The value of stage variable %s exceeds 512 characters", name)
		}
		out[name] = value
	}
	if len(out) > 100 {
		return awsapi.BadRequest("The number of stage variables exceeds the maximum of 100")
	}
	st.Variables = out
	return nil
}

var logGroup = lazyregexp.New(`^arn:[^:]+:logs:[^:]+:[^:]+:log-group:[^:]+$`)

// maxLogFormat is AWS's quota of a format. The service model's 1024 are less than what
// the service takes.
const maxLogFormat = 3 << 10

func (st *Stage) setAccessLog(in *wire.AccessLogSettings) error {
	if in == nil {
		return nil
	}
	log := snapshot.AccessLog{}
	if st.AccessLog != nil {
		log = *st.AccessLog
	}
	set(&log.DestinationARN, in.DestinationArn)
	set(&log.Format, in.Format)
	if log.DestinationARN == "" && log.Format == "" {
		return nil
	}
	// AWS: an ARN that ends in ":*" is taken and kept without it.
	log.DestinationARN = strings.TrimSuffix(log.DestinationARN, ":*")
	if arn, ok := awsapi.ParseARN(log.DestinationARN); ok && arn.Service != "logs" {
		return awsapi.BadRequest("Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '%s'", arn.Resource)
	}
	if !logGroup().MatchString(log.DestinationARN) {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid ARN specified in the request. ARN must identify a CloudWatch Logs log group")
	}
	if len(log.Format) > maxLogFormat {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Access Log format exceeds the maximum of 3 KB")
	}
	if !strings.Contains(log.Format, "$context.requestId") && !strings.Contains(log.Format, "$context.extendedRequestId") {
		return awsapi.BadRequest("The following errors are found in Access Log Format: Access Log format must include either $context.requestId or $context.extendedRequestId : '%s'", log.Format)
	}
	st.AccessLog = &log
	return nil
}
