package apigatewayv2

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
)

const maxTags = 50

// checkTags applies AWS's limits to the tags of one resource.
//
// unverified against AWS: the texts.
func checkTags(tags map[string]string) error {
	if key := awsapi.ReservedTagKey(tags); key != "" {
		return awsapi.BadRequest("Invalid tag key: %s. The prefix aws: is reserved.", key)
	}
	if len(tags) > maxTags {
		return awsapi.BadRequest("The number of tags exceeds the maximum of %d", maxTags)
	}
	for k, v := range tags {
		if k == "" || len(k) > 128 || len(v) > 256 {
			return awsapi.BadRequest("Invalid tag: keys have 1 to 128 characters, values at most 256")
		}
	}
	return nil
}

func (s *Service) getTags(ctx context.Context, in *wire.GetTagsInput) (*wire.GetTagsOutput, error) {
	if tags, found, err := s.siblingTags(ctx, in.ResourceArn, nil); found || err != nil {
		return &wire.GetTagsOutput{Tags: orEmpty(tags)}, err
	}
	return read(ctx, s, func(tx *txn) (*wire.GetTagsOutput, error) {
		tags, err := tx.tags(in.ResourceArn, nil)
		if err != nil {
			return nil, err
		}
		return &wire.GetTagsOutput{Tags: orEmpty(tags)}, nil
	})
}

func (s *Service) tagResource(ctx context.Context, in *wire.TagResourceInput) (*wire.TagResourceOutput, error) {
	merge := func(have map[string]string) map[string]string { return awsapi.MergeTags(have, in.Tags) }
	if _, found, err := s.siblingTags(ctx, in.ResourceArn, merge); found || err != nil {
		return &wire.TagResourceOutput{}, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.TagResourceOutput, error) {
		_, err := tx.tags(in.ResourceArn, merge)
		return &wire.TagResourceOutput{}, err
	})
}

func (s *Service) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*awsapi.Empty, error) {
	remove := func(have map[string]string) map[string]string { return awsapi.RemoveTags(have, in.TagKeys) }
	if _, found, err := s.siblingTags(ctx, in.ResourceArn, remove); found || err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		_, err := tx.tags(in.ResourceArn, remove)
		return nil, err
	})
}

// tags gives the tags of what an ARN names, after change (nil: only read).
func (tx *txn) tags(resource *string, change func(map[string]string) map[string]string) (map[string]string, error) {
	arn, ok := awsapi.ParseARN(awsapi.Val(resource))
	if !ok || arn.Service != "apigateway" {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Invalid ARN specified in the request")
	}
	parts := strings.Split(strings.TrimPrefix(arn.Resource, "/"), "/")
	var holder *map[string]string
	switch {
	case len(parts) == 2 && parts[0] == "apis":
		a, err := tx.api(&parts[1])
		if err != nil {
			return nil, err
		}
		if change != nil {
			a, _ = apis.Edit(tx.Tx, tx.scope, a.ID)
		}
		holder = &a.Tags
	case len(parts) == 4 && parts[0] == "apis" && parts[2] == "stages":
		a, st, err := tx.stage(&parts[1], &parts[3])
		if err != nil {
			return nil, err
		}
		if change != nil {
			st, _ = stages.Edit(tx.Tx, tx.scope, a.ID+"/"+st.Name)
		}
		holder = &st.Tags
	case len(parts) == 2 && parts[0] == "vpclinks":
		v, err := tx.vpcLink(&parts[1])
		if err != nil {
			return nil, err
		}
		if change != nil {
			v, _ = vpcLinks.Edit(tx.Tx, tx.scope, v.ID)
		}
		holder = &v.Tags
	default:
		// unverified against AWS: the text.
		return nil, awsapi.NotFound("Invalid resource ARN specified in the request")
	}
	if change != nil {
		*holder = change(*holder)
		if err := checkTags(*holder); err != nil {
			return nil, err
		}
	}
	return *holder, nil
}
