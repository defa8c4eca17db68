package apigateway

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// Taggable is a sibling service whose resources have tags.
type Taggable = tags.Taggable

func (s *Service) getTags(ctx context.Context, in *wire.GetTagsInput) (*wire.Tags, error) {
	have, err := s.tagsOf(ctx, *in.ResourceArn, nil)
	if err != nil {
		return nil, err
	}
	return &wire.Tags{Tags: tags.Shown(have, true)}, nil
}

func (s *Service) tagResource(ctx context.Context, in *wire.TagResourceInput) (*awsapi.Empty, error) {
	_, err := s.tagsOf(ctx, *in.ResourceArn, tags.Add(in.Tags))
	return nil, err
}

func (s *Service) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*awsapi.Empty, error) {
	_, err := s.tagsOf(ctx, *in.ResourceArn, tags.Remove(in.TagKeys))
	return nil, err
}

// tagsOf gives the tags of what an ARN names, after change (nil: only read).
func (s *Service) tagsOf(ctx context.Context, resource string, change tags.Change) (map[string]string, error) {
	return tags.OfARN(ctx, s.DB, resource, change, s.Taggables, func(tx *store.Tx, path string, editable bool) (*map[string]string, error) {
		return s.txn(ctx, tx).tagHolder(path, editable)
	})
}

// tagHolder finds where the tags of a resource of this package are kept; editable
// gives a record that may be changed.
func (tx *txn) tagHolder(path string, editable bool) (*map[string]string, error) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "restapis":
		if api, ok := tags.Record(tx.Tx, restAPIs, tx.scope, parts[1], editable); ok {
			return &api.Tags, nil
		}
		_, err := tx.restAPI(&parts[1])
		return nil, err
	case len(parts) == 4 && parts[0] == "restapis" && parts[2] == "stages":
		if st, ok := tags.Record(tx.Tx, stages, tx.scope, parts[1]+"/"+parts[3], editable); ok {
			return &st.Tags, nil
		}
		return nil, errStage
	case len(parts) == 2 && parts[0] == "vpclinks":
		if v, ok := tags.Record(tx.Tx, vpcLinks, tx.scope, parts[1], editable); ok {
			return &v.Tags, nil
		}
		return nil, errVPCLink
	case len(parts) == 2 && parts[0] == "clientcertificates":
		if c, ok := tags.Record(tx.Tx, clientCertificates, tx.scope, parts[1], editable); ok {
			return &c.Tags, nil
		}
		return nil, errClientCertificate
	}
	return nil, tags.NoResource()
}
