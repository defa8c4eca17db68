package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// maxName is the longest bare function name. AWS: the model allows for an ARN; the name itself is looked at later, with
// another exception than the model's.
const maxName = 64

func (a *API) createFunction(ctx context.Context, in *wire.CreateFunctionInput) (*wire.FunctionConfiguration, error) {
	ref, err := a.ref(ctx, "CreateFunction", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	if len(ref.Name) > maxName {
		return nil, awsapi.Errorf("InvalidParameterValueException", "1 validation error detected: Value '%s' at 'functionName' "+
			"failed to satisfy constraint: Member must have length less than or equal to %d", *in.FunctionName, maxName)
	}
	s := ofCreate(in)
	if err := a.admit(ctx, "CreateFunction", ref.Name, s); err != nil {
		return nil, err
	}
	config := lambda.DefaultConfiguration(ref.Name)
	set(&config.PackageType, in.PackageType)
	if len(in.Architectures) > 0 {
		config.Architecture = in.Architectures[0]
	}
	s.apply(&config)
	d, err := a.service.CreateFunction(ctx, ref.Scope, lambda.NewFunction{
		Name: ref.Name, Config: config, Layers: in.Layers, Tags: in.Tags, Publish: awsapi.Val(in.Publish),
		Source: source(in.Code.ZipFile, in.Code.S3Bucket, in.Code.S3Key, in.Code.S3ObjectVersion, in.Code.ImageUri),
	})
	if err != nil {
		return nil, err
	}
	return describe(ref.Scope.Region, d), nil
}

func source(zip []byte, bucket, key, version, image *string) lambda.Source {
	return lambda.Source{
		Zip: zip, Bucket: awsapi.Val(bucket), Key: awsapi.Val(key), ObjectVersion: awsapi.Val(version), Image: awsapi.Val(image),
	}
}

func (a *API) getFunction(ctx context.Context, in *wire.GetFunctionInput) (*wire.GetFunctionOutput, error) {
	ref, err := a.ref(ctx, "GetFunction", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	d, err := a.service.GetFunction(ref)
	if err != nil {
		return nil, err
	}
	out := &wire.GetFunctionOutput{Configuration: describe(ref.Scope.Region, d), Code: a.location(ctx, d.Version)}
	if len(d.Function.Tags) > 0 {
		out.Tags = d.Function.Tags
	}
	if d.Function.Reserved != nil {
		out.Concurrency = &wire.Concurrency{ReservedConcurrentExecutions: d.Function.Reserved}
	}
	return out, nil
}

// location says where a version's code is.
func (a *API) location(ctx context.Context, v *lambda.Version) *wire.FunctionCodeLocation {
	if v.Code.Image != "" {
		repository, _, _ := strings.Cut(v.Code.Image, "@")
		if slash, colon := strings.LastIndex(repository, "/"), strings.LastIndex(repository, ":"); colon > slash {
			repository = repository[:colon]
		}
		return &wire.FunctionCodeLocation{
			RepositoryType: awsapi.Ptr("ECR"), ImageUri: &v.Code.Image, ResolvedImageUri: awsapi.Ptr(repository + "@sha256:" + v.Code.SHA256),
		}
	}
	return &wire.FunctionCodeLocation{RepositoryType: awsapi.Ptr("S3"), Location: awsapi.NonEmpty(a.codeURL(ctx, v.Code))}
}

func (a *API) getFunctionConfiguration(ctx context.Context, in *wire.GetFunctionConfigurationInput) (*wire.FunctionConfiguration, error) {
	ref, err := a.ref(ctx, "GetFunctionConfiguration", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	d, err := a.service.GetFunction(ref)
	if err != nil {
		return nil, err
	}
	return describe(ref.Scope.Region, d), nil
}

// pageSize is how many functions, versions or aliases one page has at most. AWS: whatever MaxItems says.
const pageSize = 50

// page cuts a list at a marker and shows each item of the page.
func page[T, W any](items []T, marker *string, max *int, show func(T) W) ([]W, *string, error) {
	part, next, ok := awsapi.Page(items, awsapi.Val(marker), awsapi.Val(max), pageSize, pageSize)
	if !ok {
		// unverified against AWS: the text.
		return nil, nil, awsapi.Errorf("InvalidParameterValueException", "Invalid Marker provided.")
	}
	out := make([]W, len(part))
	for i, item := range part {
		out[i] = show(item)
	}
	return out, awsapi.NonEmpty(next), nil
}

func listed(d *lambda.Described) wire.FunctionConfiguration { return *list(d) }

func (a *API) listFunctions(ctx context.Context, in *wire.ListFunctionsInput) (*wire.ListFunctionsOutput, error) {
	all := a.service.ListFunctions(scopeOf(ctx), in.FunctionVersion != nil)
	// AWS: a region here asks for what Lambda@Edge replicated from it, and nothing is.
	if cmp.Or(awsapi.Val(in.MasterRegion), "ALL") != "ALL" {
		all = nil
	}
	fns, next, err := page(all, in.Marker, in.MaxItems, listed)
	return &wire.ListFunctionsOutput{Functions: fns, NextMarker: next}, err
}

func (a *API) listVersionsByFunction(ctx context.Context, in *wire.ListVersionsByFunctionInput) (*wire.ListVersionsByFunctionOutput, error) {
	ref, err := a.ref(ctx, "ListVersionsByFunction", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	all, err := a.service.ListVersions(ref)
	if err != nil {
		return nil, err
	}
	list, next, err := page(all, in.Marker, in.MaxItems, listed)
	return &wire.ListVersionsByFunctionOutput{Versions: list, NextMarker: next}, err
}

func (a *API) updateFunctionCode(ctx context.Context, in *wire.UpdateFunctionCodeInput) (*wire.FunctionConfiguration, error) {
	ref, err := a.ref(ctx, "UpdateFunctionCode", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	if in.PublishTo != nil {
		return nil, unbuilt("PublishTo of UpdateFunctionCode")
	}
	change := lambda.CodeUpdate{
		Source:   source(in.ZipFile, in.S3Bucket, in.S3Key, in.S3ObjectVersion, in.ImageUri),
		Revision: awsapi.Val(in.RevisionId), Publish: awsapi.Val(in.Publish), DryRun: awsapi.Val(in.DryRun),
	}
	if len(in.Architectures) > 0 {
		change.Architecture = in.Architectures[0]
	}
	d, err := a.service.UpdateCode(ctx, ref, change)
	if err != nil {
		return nil, err
	}
	return describe(ref.Scope.Region, d), nil
}

func (a *API) updateFunctionConfiguration(ctx context.Context, in *wire.UpdateFunctionConfigurationInput) (*wire.FunctionConfiguration, error) {
	ref, err := a.ref(ctx, "UpdateFunctionConfiguration", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	s := ofUpdate(in)
	if err := a.admit(ctx, "UpdateFunctionConfiguration", ref.Name, s); err != nil {
		return nil, err
	}
	d, err := a.service.UpdateConfig(ctx, ref, lambda.ConfigUpdate{Apply: s.apply, Layers: in.Layers, Revision: awsapi.Val(in.RevisionId)})
	if err != nil {
		return nil, err
	}
	return describe(ref.Scope.Region, d), nil
}

func (a *API) deleteFunction(ctx context.Context, in *wire.DeleteFunctionInput) (*wire.DeleteFunctionOutput, error) {
	ref, err := a.ref(ctx, "DeleteFunction", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	// AWS: 204, though the newest model says 200.
	return &wire.DeleteFunctionOutput{StatusCode: awsapi.Ptr(204)}, a.service.DeleteFunction(ctx, ref)
}

// getFunctionCodeSigningConfig answers that there is none: Terraform asks at each refresh.
func (a *API) getFunctionCodeSigningConfig(ctx context.Context, in *wire.GetFunctionCodeSigningConfigInput) (*wire.GetFunctionCodeSigningConfigOutput, error) {
	ref, err := a.ref(ctx, "GetFunctionCodeSigningConfig", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	if _, err := a.service.GetFunction(ref); err != nil {
		return nil, err
	}
	return &wire.GetFunctionCodeSigningConfigOutput{FunctionName: &ref.Name}, nil
}

// getRuntimeManagementConfig answers what holds for every function here: there is one version of each runtime.
func (a *API) getRuntimeManagementConfig(ctx context.Context, in *wire.GetRuntimeManagementConfigInput) (*wire.GetRuntimeManagementConfigOutput, error) {
	ref, err := a.ref(ctx, "GetRuntimeManagementConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	ref.Qualifier = cmp.Or(ref.Qualifier, lambda.Latest)
	d, err := a.service.GetFunction(ref)
	if err != nil {
		return nil, err
	}
	return &wire.GetRuntimeManagementConfigOutput{UpdateRuntimeOn: awsapi.Ptr("Auto"), FunctionArn: &d.ARN}, nil
}

func (a *API) getAccountSettings(ctx context.Context, _ *wire.GetAccountSettingsInput) (*wire.GetAccountSettingsOutput, error) {
	const totalCode = 75 << 30
	u := a.service.AccountUsage(scopeOf(ctx))
	return &wire.GetAccountSettingsOutput{
		AccountLimit: &wire.AccountLimit{
			TotalCodeSize: awsapi.Ptr[int64](totalCode), CodeSizeUnzipped: awsapi.Ptr[int64](lambda.MaxUnzipped),
			CodeSizeZipped: awsapi.Ptr[int64](lambda.MaxZip), ConcurrentExecutions: awsapi.Ptr(lambda.AccountConcurrency),
			UnreservedConcurrentExecutions: awsapi.Ptr(lambda.AccountConcurrency - u.Reserved),
		},
		AccountUsage: &wire.AccountUsage{TotalCodeSize: &u.CodeSize, FunctionCount: awsapi.Ptr(int64(u.Functions))},
	}, nil
}
