package api

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

func invokeConfig(retries, age *int, d *wire.DestinationConfig) lambda.InvokeConfig {
	c := lambda.InvokeConfig{MaxRetries: retries, MaxAge: age}
	if d == nil {
		return c
	}
	c.Destination = &lambda.Destinations{}
	if d.OnSuccess != nil {
		c.Destination.OnSuccess = awsapi.Val(d.OnSuccess.Destination)
	}
	if d.OnFailure != nil {
		c.Destination.OnFailure = awsapi.Val(d.OnFailure.Destination)
	}
	return c
}

// destinationServices are those that take what becomes of an invocation.
var destinationServices = []string{"lambda", "sqs", "sns", "events", "s3"}

// checkDestinations refuses ARNs of other services, in AWS's words.
func checkDestinations(d *wire.DestinationConfig) error {
	if d == nil {
		return nil
	}
	success, failure := "null", "null"
	valid := true
	check := func(destination *string) string {
		arn := awsapi.Val(destination)
		if arn == "" {
			return "null"
		}
		if p, ok := awsapi.ParseARN(arn); !ok || !slices.Contains(destinationServices, p.Service) {
			valid = false
		}
		return arn
	}
	if d.OnSuccess != nil {
		success = "OnSuccess(destination=" + check(d.OnSuccess.Destination) + ")"
	}
	if d.OnFailure != nil {
		failure = "OnFailure(destination=" + check(d.OnFailure.Destination) + ")"
	}
	if valid {
		return nil
	}
	return awsapi.Errorf("InvalidParameterValueException", "The provided destination config DestinationConfig(onSuccess=%s, onFailure=%s) is invalid.", success, failure)
}

// shownConfig is an event invoke configuration as the API shows it.
func shownConfig(ref lambda.Ref, c *lambda.InvokeConfig) wire.FunctionEventInvokeConfig {
	ref.Qualifier = c.Qualifier
	out := wire.FunctionEventInvokeConfig{
		LastModified: &c.Modified, FunctionArn: awsapi.Ptr(ref.QualifiedARN()), MaximumRetryAttempts: c.MaxRetries, MaximumEventAgeInSeconds: c.MaxAge,
		DestinationConfig: &wire.DestinationConfig{OnSuccess: &wire.OnSuccess{}, OnFailure: &wire.OnFailure{}},
	}
	if d := c.Destination; d != nil {
		out.DestinationConfig.OnSuccess.Destination = awsapi.NonEmpty(d.OnSuccess)
		out.DestinationConfig.OnFailure.Destination = awsapi.NonEmpty(d.OnFailure)
	}
	return out
}

// setInvokeConfig sets a configuration; with merge, what it leaves out stays.
func (a *API) setInvokeConfig(ctx context.Context, operation string, ref lambda.Ref, c lambda.InvokeConfig, merge bool) (*wire.FunctionEventInvokeConfig, error) {
	if d := c.Destination; d != nil {
		for _, arn := range []string{d.OnSuccess, d.OnFailure} {
			if err := a.deliverable(ctx, operation, ref.Name, "DestinationConfig", arn); err != nil {
				return nil, err
			}
		}
	}
	set, err := a.service.PutInvokeConfig(ctx, ref, c, merge)
	if err != nil {
		return nil, err
	}
	return awsapi.Ptr(shownConfig(ref, set)), nil
}

func (a *API) putFunctionEventInvokeConfig(ctx context.Context, in *wire.PutFunctionEventInvokeConfigInput) (*wire.FunctionEventInvokeConfig, error) {
	ref, err := a.ref(ctx, "PutFunctionEventInvokeConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := checkDestinations(in.DestinationConfig); err != nil {
		return nil, err
	}
	return a.setInvokeConfig(ctx, "PutFunctionEventInvokeConfig", ref, invokeConfig(in.MaximumRetryAttempts, in.MaximumEventAgeInSeconds, in.DestinationConfig), false)
}

func (a *API) updateFunctionEventInvokeConfig(ctx context.Context, in *wire.UpdateFunctionEventInvokeConfigInput) (*wire.FunctionEventInvokeConfig, error) {
	ref, err := a.ref(ctx, "UpdateFunctionEventInvokeConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := checkDestinations(in.DestinationConfig); err != nil {
		return nil, err
	}
	return a.setInvokeConfig(ctx, "UpdateFunctionEventInvokeConfig", ref, invokeConfig(in.MaximumRetryAttempts, in.MaximumEventAgeInSeconds, in.DestinationConfig), true)
}

func (a *API) getFunctionEventInvokeConfig(ctx context.Context, in *wire.GetFunctionEventInvokeConfigInput) (*wire.FunctionEventInvokeConfig, error) {
	ref, err := a.ref(ctx, "GetFunctionEventInvokeConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	c, err := a.service.InvokeConfig(ref)
	if err != nil {
		return nil, err
	}
	return awsapi.Ptr(shownConfig(ref, c)), nil
}

func (a *API) listFunctionEventInvokeConfigs(ctx context.Context, in *wire.ListFunctionEventInvokeConfigsInput) (*wire.ListFunctionEventInvokeConfigsOutput, error) {
	ref, err := a.ref(ctx, "ListFunctionEventInvokeConfigs", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	all, err := a.service.InvokeConfigs(ref)
	if err != nil {
		return nil, err
	}
	list, next, err := page(all, in.Marker, in.MaxItems, func(c *lambda.InvokeConfig) wire.FunctionEventInvokeConfig { return shownConfig(ref, c) })
	return &wire.ListFunctionEventInvokeConfigsOutput{FunctionEventInvokeConfigs: list, NextMarker: next}, err
}

func (a *API) deleteFunctionEventInvokeConfig(ctx context.Context, in *wire.DeleteFunctionEventInvokeConfigInput) (*awsapi.Empty, error) {
	ref, err := a.ref(ctx, "DeleteFunctionEventInvokeConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	return nil, a.service.DeleteInvokeConfig(ctx, ref)
}
