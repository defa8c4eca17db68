package apigatewayv2

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
)

// Taggable is a sibling service whose resources have tags.
type Taggable = tags.Taggable

func (s *Service) getTags(ctx context.Context, in *wire.GetTagsInput) (*wire.GetTagsOutput, error) {
	have, err := s.tagsOf(ctx, awsapi.Val(in.ResourceArn), nil)
	if err != nil {
		return nil, err
	}
	return &wire.GetTagsOutput{Tags: orEmpty(have)}, nil
}

func (s *Service) tagResource(ctx context.Context, in *wire.TagResourceInput) (*wire.TagResourceOutput, error) {
	_, err := s.tagsOf(ctx, awsapi.Val(in.ResourceArn), tags.Add(in.Tags))
	return &wire.TagResourceOutput{}, err
}

func (s *Service) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*awsapi.Empty, error) {
	_, err := s.tagsOf(ctx, awsapi.Val(in.ResourceArn), tags.Remove(in.TagKeys))
	return nil, err
}

// tagsOf gives the tags of what an ARN names, after change (nil: only read).
func (s *Service) tagsOf(ctx context.Context, resource string, change tags.Change) (map[string]string, error) {
	return tags.OfARN(ctx, s.cfg.DB, resource, change, s.cfg.Taggables, func(tx *store.Tx, path string, editable bool) (*map[string]string, error) {
		return s.txn(ctx, tx).tagHolder(path, editable)
	})
}

// tagHolder finds where the tags of a resource of this package are kept; editable
// gives a record that may be changed.
func (tx *txn) tagHolder(path string, editable bool) (*map[string]string, error) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "apis":
		if a, ok := tags.Record(tx.Tx, apis, tx.scope, parts[1], editable); ok {
			return &a.Tags, nil
		}
		_, err := tx.api(&parts[1])
		return nil, err
	case len(parts) == 4 && parts[0] == "apis" && parts[2] == "stages":
		if st, ok := tags.Record(tx.Tx, stages, tx.scope, parts[1]+"/"+parts[3], editable); ok {
			return &st.Tags, nil
		}
		_, _, err := tx.stage(&parts[1], &parts[3])
		return nil, err
	case len(parts) == 2 && parts[0] == "vpclinks":
		if v, ok := tags.Record(tx.Tx, vpcLinks, tx.scope, parts[1], editable); ok {
			return &v.Tags, nil
		}
		return nil, errVPCLink(parts[1])
	}
	return nil, tags.NoResource()
}
