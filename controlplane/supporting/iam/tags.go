package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

const maxTags = 50

// AWS: tag keys keep their case but are not told apart by it.
func tagAt(tags []tag, key string) int {
	return slices.IndexFunc(tags, func(t tag) bool { return strings.EqualFold(t.Key, key) })
}

func newTags(in []wire.Tag) ([]tag, error) { return mergeTags(nil, in) }

// mergeTags lays the tags of a request over those there are.
func mergeTags(have []tag, in []wire.Tag) ([]tag, error) {
	out := slices.Clone(have)
	var seen []tag
	for _, w := range in {
		t := tag{Key: *w.Key, Value: *w.Value}
		if tagAt(seen, t.Key) >= 0 {
			return nil, awsapi.Errorf("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen = append(seen, t)
		if at := tagAt(out, t.Key); at >= 0 {
			out[at] = t
		} else {
			out = append(out, t)
		}
	}
	if len(out) > maxTags {
		return nil, awsapi.Errorf("LimitExceeded", "The number of tags has reached the maximum limit.") // unverified against AWS: the text
	}
	return out, nil
}

func removeTags(have []tag, keys []string) []tag {
	return slices.DeleteFunc(slices.Clone(have), func(t tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, t.Key) })
	})
}

// wireTags gives nil for none: AWS leaves the member out.
func wireTags(tags []tag) []wire.Tag {
	var out []wire.Tag
	for _, t := range tags {
		out = append(out, wire.Tag{Key: &t.Key, Value: &t.Value})
	}
	return out
}

func (s *Service) tagRole(ctx context.Context, in *wire.TagRoleInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		r.Tags, err = mergeTags(r.Tags, in.Tags)
		return nil, err
	})
}

func (s *Service) untagRole(ctx context.Context, in *wire.UntagRoleInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editRole(*in.RoleName)
		if err != nil {
			return nil, err
		}
		r.Tags = removeTags(r.Tags, in.TagKeys)
		return nil, nil
	})
}

func (s *Service) listRoleTags(ctx context.Context, in *wire.ListRoleTagsInput) (*wire.ListRoleTagsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListRoleTagsOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(wireTags(r.Tags), in.Marker, in.MaxItems)
		return &wire.ListRoleTagsOutput{Tags: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) tagPolicy(ctx context.Context, in *wire.TagPolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.editPolicy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		p.Tags, err = mergeTags(p.Tags, in.Tags)
		return nil, err
	})
}

func (s *Service) untagPolicy(ctx context.Context, in *wire.UntagPolicyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.editPolicy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		p.Tags = removeTags(p.Tags, in.TagKeys)
		return nil, nil
	})
}

func (s *Service) listPolicyTags(ctx context.Context, in *wire.ListPolicyTagsInput) (*wire.ListPolicyTagsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListPolicyTagsOutput, error) {
		p, err := tx.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(wireTags(p.Tags), in.Marker, in.MaxItems)
		return &wire.ListPolicyTagsOutput{Tags: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) tagUser(ctx context.Context, in *wire.TagUserInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		u.Tags, err = mergeTags(u.Tags, in.Tags)
		return nil, err
	})
}

func (s *Service) untagUser(ctx context.Context, in *wire.UntagUserInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		u.Tags = removeTags(u.Tags, in.TagKeys)
		return nil, nil
	})
}

func (s *Service) listUserTags(ctx context.Context, in *wire.ListUserTagsInput) (*wire.ListUserTagsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListUserTagsOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page(wireTags(u.Tags), in.Marker, in.MaxItems)
		return &wire.ListUserTagsOutput{Tags: cut, IsTruncated: truncated, Marker: marker}, err
	})
}
