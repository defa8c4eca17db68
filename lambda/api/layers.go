package api

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// layer reads a layer's name, which may be its ARN.
func (a *API) layer(ctx context.Context, name *string) (store.Scope, string) {
	scope := scopeOf(ctx)
	arn, ok := awsapi.ParseARN(*name)
	if !ok {
		return scope, *name
	}
	return store.Scope{Account: arn.Account, Region: arn.Region}, strings.TrimPrefix(arn.Resource, "layer:")
}

// ownLayer is layer for operations on the caller's own ones.
func (a *API) ownLayer(ctx context.Context, action string, name *string) (store.Scope, string, error) {
	scope, layer := a.layer(ctx, name)
	if own := scopeOf(ctx); scope != own {
		// unverified against AWS: the text.
		return scope, layer, &awsapi.Error{
			Code: "AccessDeniedException", Status: 403, Message: "User: arn:aws:iam::" + own.Account + ":root is not authorized to perform: lambda:" + action +
				" on resource: " + lambda.LayerARN(scope, layer) + " because no resource-based policy allows the lambda:" + action + " action",
		}
	}
	return scope, layer, nil
}

func (a *API) publishLayerVersion(ctx context.Context, in *wire.PublishLayerVersionInput) (*wire.PublishLayerVersionOutput, error) {
	scope, name, err := a.ownLayer(ctx, "PublishLayerVersion", in.LayerName)
	if err != nil {
		return nil, err
	}
	v, err := a.service.PublishLayer(ctx, scope, source(in.Content.ZipFile, in.Content.S3Bucket, in.Content.S3Key, in.Content.S3ObjectVersion, nil), lambda.LayerVersion{
		Layer: name, Description: awsapi.Val(in.Description), License: awsapi.Val(in.LicenseInfo),
		Runtimes: in.CompatibleRuntimes, Architectures: in.CompatibleArchitectures,
	})
	if err != nil {
		return nil, err
	}
	out := wire.PublishLayerVersionOutput(*a.layerVersion(ctx, scope, v))
	return &out, nil
}

// layerVersion shows a version with its content.
func (a *API) layerVersion(ctx context.Context, scope store.Scope, v *lambda.LayerVersion) *wire.GetLayerVersionOutput {
	item := layerItem(scope, v)
	return &wire.GetLayerVersionOutput{
		Content:  &wire.LayerVersionContentOutput{Location: awsapi.Ptr(a.codeURL(ctx, v.Code)), CodeSha256: &v.Code.SHA256, CodeSize: &v.Code.Size},
		LayerArn: awsapi.Ptr(lambda.LayerARN(scope, v.Layer)), LayerVersionArn: item.LayerVersionArn, Version: item.Version,
		Description: item.Description, CreatedDate: item.CreatedDate, LicenseInfo: item.LicenseInfo,
		CompatibleRuntimes: item.CompatibleRuntimes, CompatibleArchitectures: item.CompatibleArchitectures,
	}
}

// layerItem shows a version as lists do.
func layerItem(scope store.Scope, v *lambda.LayerVersion) wire.LayerVersionsListItem {
	return wire.LayerVersionsListItem{
		LayerVersionArn: awsapi.Ptr(lambda.LayerVersionARN(scope, v.Layer, v.Number)), Version: &v.Number, Description: &v.Description,
		CreatedDate: stamp(v.Created), LicenseInfo: awsapi.NonEmpty(v.License), CompatibleRuntimes: v.Runtimes, CompatibleArchitectures: v.Architectures,
	}
}

func (a *API) getLayerVersion(ctx context.Context, in *wire.GetLayerVersionInput) (*wire.GetLayerVersionOutput, error) {
	scope, name := a.layer(ctx, in.LayerName)
	v, err := a.service.LayerVersion(scopeOf(ctx).Account, scope, name, *in.VersionNumber)
	if err != nil {
		return nil, err
	}
	return a.layerVersion(ctx, scope, v), nil
}

func (a *API) getLayerVersionByArn(ctx context.Context, in *wire.GetLayerVersionByArnInput) (*wire.GetLayerVersionOutput, error) {
	scope, name, number, err := lambda.ParseLayerVersionARN(*in.Arn)
	if err != nil {
		return nil, err
	}
	v, err := a.service.LayerVersion(scopeOf(ctx).Account, scope, name, number)
	if err != nil {
		return nil, err
	}
	return a.layerVersion(ctx, scope, v), nil
}

// compatible keeps the versions for a runtime and an architecture; those that name none fit no filter.
func compatible(all []*lambda.LayerVersion, runtime, architecture *string) []*lambda.LayerVersion {
	return slices.DeleteFunc(all, func(v *lambda.LayerVersion) bool {
		return runtime != nil && !slices.Contains(v.Runtimes, *runtime) || architecture != nil && !slices.Contains(v.Architectures, *architecture)
	})
}

func (a *API) listLayerVersions(ctx context.Context, in *wire.ListLayerVersionsInput) (*wire.ListLayerVersionsOutput, error) {
	scope, name, err := a.ownLayer(ctx, "ListLayerVersions", in.LayerName)
	if err != nil {
		return nil, err
	}
	all := compatible(a.service.LayerVersions(scope, name), in.CompatibleRuntime, in.CompatibleArchitecture)
	list, next, err := page(all, in.Marker, in.MaxItems, func(v *lambda.LayerVersion) wire.LayerVersionsListItem { return layerItem(scope, v) })
	return &wire.ListLayerVersionsOutput{LayerVersions: list, NextMarker: next}, err
}

func (a *API) listLayers(ctx context.Context, in *wire.ListLayersInput) (*wire.ListLayersOutput, error) {
	scope := scopeOf(ctx)
	// Newest first, layer by layer: the first of each is the latest that matches.
	latest := slices.CompactFunc(compatible(a.service.LayerVersions(scope, ""), in.CompatibleRuntime, in.CompatibleArchitecture),
		func(x, y *lambda.LayerVersion) bool { return x.Layer == y.Layer })
	list, next, err := page(latest, in.Marker, in.MaxItems, func(v *lambda.LayerVersion) wire.LayersListItem {
		return wire.LayersListItem{
			LayerName: &v.Layer, LayerArn: awsapi.Ptr(lambda.LayerARN(scope, v.Layer)), LatestMatchingVersion: awsapi.Ptr(layerItem(scope, v)),
		}
	})
	return &wire.ListLayersOutput{Layers: list, NextMarker: next}, err
}

func (a *API) deleteLayerVersion(ctx context.Context, in *wire.DeleteLayerVersionInput) (*awsapi.Empty, error) {
	scope, name, err := a.ownLayer(ctx, "DeleteLayerVersion", in.LayerName)
	if err != nil {
		return nil, err
	}
	return nil, a.service.DeleteLayerVersion(ctx, scope, name, *in.VersionNumber)
}

func (a *API) addLayerVersionPermission(ctx context.Context, in *wire.AddLayerVersionPermissionInput) (*wire.AddLayerVersionPermissionOutput, error) {
	scope, name, err := a.ownLayer(ctx, "AddLayerVersionPermission", in.LayerName)
	if err != nil {
		return nil, err
	}
	statement, revision, err := a.service.AddLayerPermission(ctx, scope, name, *in.VersionNumber, lambda.Permission{
		Sid: *in.StatementId, Action: *in.Action, Principal: *in.Principal, OrganizationID: awsapi.Val(in.OrganizationId), Revision: awsapi.Val(in.RevisionId),
	})
	return &wire.AddLayerVersionPermissionOutput{Statement: &statement, RevisionId: &revision}, err
}

func (a *API) getLayerVersionPolicy(ctx context.Context, in *wire.GetLayerVersionPolicyInput) (*wire.GetLayerVersionPolicyOutput, error) {
	scope, name, err := a.ownLayer(ctx, "GetLayerVersionPolicy", in.LayerName)
	if err != nil {
		return nil, err
	}
	p, err := a.service.LayerPolicy(scope, name, *in.VersionNumber)
	if err != nil {
		return nil, err
	}
	return &wire.GetLayerVersionPolicyOutput{Policy: awsapi.Ptr(p.Document()), RevisionId: &p.Revision}, nil
}

func (a *API) removeLayerVersionPermission(ctx context.Context, in *wire.RemoveLayerVersionPermissionInput) (*awsapi.Empty, error) {
	scope, name, err := a.ownLayer(ctx, "RemoveLayerVersionPermission", in.LayerName)
	if err != nil {
		return nil, err
	}
	return nil, a.service.RemoveLayerPermission(ctx, scope, name, *in.VersionNumber, *in.StatementId, awsapi.Val(in.RevisionId))
}
