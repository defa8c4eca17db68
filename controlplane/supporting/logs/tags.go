package logs

import (
	"context"
	"maps"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
)

const maxTags = 50

func checkTagKeys(tags map[string]string) error {
	if k := awsapi.ReservedTagKey(tags); k != "" {
		// unverified against AWS: the text for a reserved key.
		return invalidParameter("aws: prefixed tag key names are not allowed for external use.")
	}
	return nil
}

// taggedGroup finds the group of a tags call; other resources have no tags here.
func (tx *txn) taggedGroup(arn string) (*group, error) {
	g, ok := groups.Get(tx.Tx, tx.scope, tx.nameOf(arn))
	if !ok || tx.nameOf(arn) == arn {
		return nil, notFound("resource") // unverified against AWS: the text
	}
	return g, nil
}

func (s *Service) listTagsForResource(ctx context.Context, in *wire.ListTagsForResourceInput) (*wire.ListTagsForResourceOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListTagsForResourceOutput, error) {
		g, err := tx.taggedGroup(*in.ResourceArn)
		if err != nil {
			return nil, err
		}
		return &wire.ListTagsForResourceOutput{Tags: tagsOf(g)}, nil
	})
}

func (s *Service) listTagsLogGroup(ctx context.Context, in *wire.ListTagsLogGroupInput) (*wire.ListTagsLogGroupOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListTagsLogGroupOutput, error) {
		g, err := tx.group(*in.LogGroupName)
		if err != nil {
			return nil, err
		}
		return &wire.ListTagsLogGroupOutput{Tags: tagsOf(g)}, nil
	})
}

// tagsOf gives an empty map for none, which the answer shows.
func tagsOf(g *group) map[string]string {
	out := maps.Clone(g.Tags)
	if out == nil {
		out = map[string]string{}
	}
	return out
}

func (s *Service) tagResource(ctx context.Context, in *wire.TagResourceInput) (*awsapi.Empty, error) {
	return s.tag(ctx, in.Tags, func(tx *txn) (*group, error) { return tx.taggedGroup(*in.ResourceArn) })
}

func (s *Service) tagLogGroup(ctx context.Context, in *wire.TagLogGroupInput) (*awsapi.Empty, error) {
	return s.tag(ctx, in.Tags, func(tx *txn) (*group, error) { return tx.group(*in.LogGroupName) })
}

func (s *Service) tag(ctx context.Context, add map[string]string, find func(*txn) (*group, error)) (*awsapi.Empty, error) {
	if err := checkTagKeys(add); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := find(tx)
		if err != nil {
			return nil, err
		}
		tags := awsapi.MergeTags(g.Tags, add)
		if len(tags) > maxTags {
			// unverified against AWS: the text for too many tags.
			return nil, awsapi.Errorf("TooManyTagsException", "The number of tags exceeds the limit of %d.", maxTags)
		}
		g, err = tx.editGroup(g.Name)
		if err != nil {
			return nil, err
		}
		g.Tags = tags
		return nil, nil
	})
}

func (s *Service) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*awsapi.Empty, error) {
	return s.untag(ctx, in.TagKeys, func(tx *txn) (*group, error) { return tx.taggedGroup(*in.ResourceArn) })
}

func (s *Service) untagLogGroup(ctx context.Context, in *wire.UntagLogGroupInput) (*awsapi.Empty, error) {
	return s.untag(ctx, in.Tags, func(tx *txn) (*group, error) { return tx.group(*in.LogGroupName) })
}

func (s *Service) untag(ctx context.Context, keys []string, find func(*txn) (*group, error)) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := find(tx)
		if err != nil {
			return nil, err
		}
		g, err = tx.editGroup(g.Name)
		if err != nil {
			return nil, err
		}
		g.Tags = awsapi.RemoveTags(g.Tags, keys)
		return nil, nil
	})
}
