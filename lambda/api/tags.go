package api

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// otherTagged are the kinds of resources beside functions that can have tags. None exists here.
var otherTagged = map[string]string{
	"event-source-mapping": "Event source mapping", "capacity-provider": "Capacity provider",
	// unverified against AWS: the text for this one.
	"code-signing-config": "Code signing config",
}

// tagged reads the ARN of what has tags: a function as a whole.
func (a *API) tagged(ctx context.Context, action string, resource *string) (lambda.Ref, error) {
	arn, _ := awsapi.ParseARN(*resource) // of the model's pattern
	kind, _, _ := strings.Cut(arn.Resource, ":")
	if name := otherTagged[kind]; name != "" {
		return lambda.Ref{}, awsapi.Errorf("ResourceNotFoundException", "%s not found: %s", name, *resource)
	}
	ref, err := a.ref(ctx, action, resource, nil)
	if err == nil && ref.Qualifier != "" {
		err = awsapi.Errorf("InvalidParameterValueException",
			"Tags on function aliases and versions are not supported. Please specify a function ARN.")
	}
	return ref, err
}

func (a *API) tagResource(ctx context.Context, in *wire.TagResourceInput) (*awsapi.Empty, error) {
	ref, err := a.tagged(ctx, "TagResource", in.Resource)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, awsapi.Errorf("InvalidParameterValueException", "An error occurred and the request cannot be processed.")
	}
	return nil, a.service.SetTags(ctx, ref, in.Tags)
}

func (a *API) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*awsapi.Empty, error) {
	ref, err := a.tagged(ctx, "UntagResource", in.Resource)
	if err != nil {
		return nil, err
	}
	return nil, a.service.RemoveTags(ctx, ref, in.TagKeys)
}

func (a *API) listTags(ctx context.Context, in *wire.ListTagsInput) (*wire.ListTagsOutput, error) {
	ref, err := a.tagged(ctx, "ListTags", in.Resource)
	if err != nil {
		return nil, err
	}
	d, err := a.service.GetFunction(ref)
	if err != nil {
		return nil, err
	}
	out := &wire.ListTagsOutput{Tags: d.Function.Tags}
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out, nil
}
