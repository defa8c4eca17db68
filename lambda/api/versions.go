package api

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

func (a *API) publishVersion(ctx context.Context, in *wire.PublishVersionInput) (*wire.FunctionConfiguration, error) {
	ref, err := a.ref(ctx, "PublishVersion", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	if in.PublishTo != nil {
		return nil, unbuilt("PublishTo of PublishVersion")
	}
	d, err := a.service.PublishVersion(ctx, ref, lambda.Publication{
		Description: in.Description, SHA256: awsapi.Val(in.CodeSha256), Revision: awsapi.Val(in.RevisionId),
	})
	if err != nil {
		return nil, err
	}
	return describe(ref.Scope.Region, d), nil
}

// shown is an alias as the API shows it.
func shown(ref lambda.Ref, al *lambda.Alias) wire.AliasConfiguration {
	ref.Qualifier = al.Name
	out := wire.AliasConfiguration{
		AliasArn: awsapi.Ptr(ref.QualifiedARN()), Name: &al.Name, FunctionVersion: &al.Version, Description: &al.Description, RevisionId: &al.Revision,
	}
	if len(al.Weights) > 0 {
		out.RoutingConfig = &wire.AliasRoutingConfiguration{AdditionalVersionWeights: al.Weights}
	}
	return out
}

// weights gives nil when no routing was sent, and an empty map when none shall be.
func weights(r *wire.AliasRoutingConfiguration) map[string]float64 {
	switch {
	case r == nil:
		return nil
	case r.AdditionalVersionWeights == nil:
		return map[string]float64{}
	}
	return r.AdditionalVersionWeights
}

func (a *API) createAlias(ctx context.Context, in *wire.CreateAliasInput) (*wire.AliasConfiguration, error) {
	ref, err := a.ref(ctx, "CreateAlias", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	al, err := a.service.CreateAlias(ctx, ref, *in.Name, lambda.AliasChange{
		Version: in.FunctionVersion, Description: in.Description, Weights: weights(in.RoutingConfig),
	})
	if err != nil {
		return nil, err
	}
	return awsapi.Ptr(shown(ref, al)), nil
}

func (a *API) updateAlias(ctx context.Context, in *wire.UpdateAliasInput) (*wire.AliasConfiguration, error) {
	ref, err := a.ref(ctx, "UpdateAlias", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	al, err := a.service.UpdateAlias(ctx, ref, *in.Name, lambda.AliasChange{
		Version: in.FunctionVersion, Description: in.Description, Weights: weights(in.RoutingConfig), Revision: awsapi.Val(in.RevisionId),
	})
	if err != nil {
		return nil, err
	}
	return awsapi.Ptr(shown(ref, al)), nil
}

func (a *API) getAlias(ctx context.Context, in *wire.GetAliasInput) (*wire.AliasConfiguration, error) {
	ref, err := a.ref(ctx, "GetAlias", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	al, err := a.service.Alias(ref, *in.Name)
	if err != nil {
		return nil, err
	}
	return awsapi.Ptr(shown(ref, al)), nil
}

func (a *API) listAliases(ctx context.Context, in *wire.ListAliasesInput) (*wire.ListAliasesOutput, error) {
	ref, err := a.ref(ctx, "ListAliases", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	all, err := a.service.ListAliases(ref, awsapi.Val(in.FunctionVersion))
	if err != nil {
		return nil, err
	}
	list, next, err := page(all, in.Marker, in.MaxItems, func(al *lambda.Alias) wire.AliasConfiguration { return shown(ref, al) })
	return &wire.ListAliasesOutput{Aliases: list, NextMarker: next}, err
}

func (a *API) deleteAlias(ctx context.Context, in *wire.DeleteAliasInput) (*awsapi.Empty, error) {
	ref, err := a.ref(ctx, "DeleteAlias", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	return nil, a.service.DeleteAlias(ctx, ref, *in.Name)
}

func (a *API) putFunctionConcurrency(ctx context.Context, in *wire.PutFunctionConcurrencyInput) (*wire.Concurrency, error) {
	ref, err := a.ref(ctx, "PutFunctionConcurrency", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	return &wire.Concurrency{ReservedConcurrentExecutions: in.ReservedConcurrentExecutions},
		a.service.PutConcurrency(ctx, ref, *in.ReservedConcurrentExecutions)
}

func (a *API) putFunctionRecursionConfig(ctx context.Context, in *wire.PutFunctionRecursionConfigInput) (*wire.PutFunctionRecursionConfigOutput, error) {
	ref, err := a.ref(ctx, "PutFunctionRecursionConfig", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	allow := *in.RecursiveLoop == allowLoops
	if !allow {
		if err := a.ineffective(ctx, "PutFunctionRecursionConfig", ref.Name, "RecursiveLoop", "recursive loops are not detected"); err != nil {
			return nil, err
		}
	}
	return &wire.PutFunctionRecursionConfigOutput{RecursiveLoop: in.RecursiveLoop}, a.service.SetLoops(ctx, ref, allow)
}

const (
	allowLoops     = "Allow"
	terminateLoops = "Terminate"
)

func (a *API) getFunctionRecursionConfig(ctx context.Context, in *wire.GetFunctionRecursionConfigInput) (*wire.GetFunctionRecursionConfigOutput, error) {
	ref, err := a.ref(ctx, "GetFunctionRecursionConfig", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	d, err := a.service.GetFunction(ref)
	if err != nil {
		return nil, err
	}
	out := &wire.GetFunctionRecursionConfigOutput{RecursiveLoop: awsapi.Ptr(terminateLoops)}
	if d.Function.Loops {
		out.RecursiveLoop = awsapi.Ptr(allowLoops)
	}
	return out, nil
}

func (a *API) getFunctionConcurrency(ctx context.Context, in *wire.GetFunctionConcurrencyInput) (*wire.GetFunctionConcurrencyOutput, error) {
	ref, err := a.ref(ctx, "GetFunctionConcurrency", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	d, err := a.service.GetFunction(ref)
	if err != nil {
		return nil, err
	}
	return &wire.GetFunctionConcurrencyOutput{ReservedConcurrentExecutions: d.Function.Reserved}, nil
}

func (a *API) deleteFunctionConcurrency(ctx context.Context, in *wire.DeleteFunctionConcurrencyInput) (*awsapi.Empty, error) {
	ref, err := a.ref(ctx, "DeleteFunctionConcurrency", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	return nil, a.service.DeleteConcurrency(ctx, ref)
}
