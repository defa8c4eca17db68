package cloudwatch

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
	"github.com/postern/postern/controlplane/store"
)

const maxTags = 50

func tagMap(tags []wire.Tag) (map[string]string, error) {
	out := make(map[string]string, len(tags))
	for _, t := range tags {
		out[awsapi.Val(t.Key)] = awsapi.Val(t.Value)
	}
	// unverified against AWS: both texts.
	if key := awsapi.ReservedTagKey(out); key != "" {
		return nil, invalidValue("aws: prefixed tag key names are not allowed for external use.")
	}
	if len(out) > maxTags {
		return nil, invalidValue("A resource can have at most %d tags.", maxTags)
	}
	return out, nil
}

// editTags reads, and with edit changes, the tags of what an ARN names.
func (s *Service) editTags(ctx context.Context, tx *store.Tx, arn string, edit func(map[string]string) (map[string]string, error)) (map[string]string, error) {
	parsed, _ := awsapi.ParseARN(arn)
	if name, ok := strings.CutPrefix(parsed.Resource, "alarm:"); ok && parsed.Service == "cloudwatch" {
		if have, ok := alarms.Get(tx, scopeOf(ctx), name); ok {
			if edit == nil {
				return have.Tags, nil
			}
			changed := *have
			var err error
			if changed.Tags, err = edit(have.Tags); err == nil {
				alarms.Put(tx, scopeOf(ctx), name, &changed)
			}
			return changed.Tags, err
		}
	}
	if name, ok := strings.CutPrefix(parsed.Resource, "dashboard/"); ok && parsed.Service == "cloudwatch" {
		if have, ok := dashboards.Get(tx, globalScope(ctx), name); ok {
			if edit == nil {
				return have.Tags, nil
			}
			changed := *have
			var err error
			if changed.Tags, err = edit(have.Tags); err == nil {
				dashboards.Put(tx, globalScope(ctx), name, &changed)
			}
			return changed.Tags, err
		}
	}
	// unverified against AWS: the text.
	return nil, awsapi.Errorf("ResourceNotFoundException", "%s does not exist", arn)
}

func (s *Service) listTagsForResource(ctx context.Context, in *wire.ListTagsForResourceInput) (*wire.ListTagsForResourceOutput, error) {
	out := &wire.ListTagsForResourceOutput{Tags: []wire.Tag{}}
	err := s.db.View(func(tx *store.Tx) error {
		tags, err := s.editTags(ctx, tx, *in.ResourceARN, nil)
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			out.Tags = append(out.Tags, wire.Tag{Key: awsapi.Ptr(key), Value: awsapi.Ptr(tags[key])})
		}
		return err
	})
	return out, err
}

func (s *Service) tagResource(ctx context.Context, in *wire.TagResourceInput) (*wire.TagResourceOutput, error) {
	add, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	return &wire.TagResourceOutput{}, s.db.Update(ctx, func(tx *store.Tx) error {
		_, err := s.editTags(ctx, tx, *in.ResourceARN, func(have map[string]string) (map[string]string, error) {
			tags := awsapi.MergeTags(have, add)
			if len(tags) > maxTags {
				return nil, invalidValue("A resource can have at most %d tags.", maxTags)
			}
			return tags, nil
		})
		return err
	})
}

func (s *Service) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*wire.UntagResourceOutput, error) {
	return &wire.UntagResourceOutput{}, s.db.Update(ctx, func(tx *store.Tx) error {
		_, err := s.editTags(ctx, tx, *in.ResourceARN, func(have map[string]string) (map[string]string, error) {
			return awsapi.RemoveTags(have, in.TagKeys), nil
		})
		return err
	})
}
