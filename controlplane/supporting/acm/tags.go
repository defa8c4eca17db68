package acm

import (
	"context"
	"maps"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

const maxTags = 50

// newTags gives have with tags laid over it.
//
// unverified against AWS: the texts.
func newTags(have map[string]string, tags []wire.Tag) (map[string]string, error) {
	add := make(map[string]string, len(tags))
	for _, t := range tags {
		add[awsapi.Val(t.Key)] = awsapi.Val(t.Value)
	}
	if key := awsapi.ReservedTagKey(add); key != "" {
		return nil, awsapi.Errorf("InvalidTagException", "aws: prefixed tag key names are not allowed for external use.")
	}
	out := awsapi.MergeTags(have, add)
	if len(out) > maxTags {
		return nil, awsapi.Errorf("TooManyTagsException", "A certificate can have at most %d tags.", maxTags)
	}
	return out, nil
}

func (s *Service) addTagsToCertificate(ctx context.Context, in *wire.AddTagsToCertificateInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		c, err := tx.change(in.CertificateArn)
		if err == nil {
			c.Tags, err = newTags(c.Tags, in.Tags)
		}
		return nil, err
	})
}

// removeTagsFromCertificate takes tags away. AWS: a tag that is named with a value goes
// only if it has that value.
func (s *Service) removeTagsFromCertificate(ctx context.Context, in *wire.RemoveTagsFromCertificateInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		c, err := tx.change(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		for _, t := range in.Tags {
			if t.Value == nil || *t.Value == c.Tags[*t.Key] {
				delete(c.Tags, *t.Key)
			}
		}
		return nil, nil
	})
}

func (s *Service) listTagsForCertificate(ctx context.Context, in *wire.ListTagsForCertificateInput) (*wire.ListTagsForCertificateOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListTagsForCertificateOutput, error) {
		c, err := tx.find(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		out := &wire.ListTagsForCertificateOutput{Tags: []wire.Tag{}}
		for _, k := range slices.Sorted(maps.Keys(c.Tags)) {
			out.Tags = append(out.Tags, wire.Tag{Key: &k, Value: awsapi.Ptr(c.Tags[k])})
		}
		return out, nil
	})
}
