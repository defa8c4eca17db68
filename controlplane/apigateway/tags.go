package apigateway

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// Taggable finds the tags of a kind of resource that another package owns, by the
// part of its ARN behind "::/". found is false when it is none of that package's.
type Taggable interface {
	Tags(ctx context.Context, path string, change func(map[string]string) (map[string]string, error)) (tags map[string]string, found bool, err error)
}

func (s *Service) getTags(ctx context.Context, in *wire.GetTagsInput) (*wire.Tags, error) {
	have, err := s.tagsOf(ctx, *in.ResourceArn, nil)
	if err != nil {
		return nil, err
	}
	return &wire.Tags{Tags: tags.Shown(have, true)}, nil
}

func (s *Service) tagResource(ctx context.Context, in *wire.TagResourceInput) (*awsapi.Empty, error) {
	_, err := s.tagsOf(ctx, *in.ResourceArn, func(have map[string]string) (map[string]string, error) {
		merged := awsapi.MergeTags(have, in.Tags)
		return merged, tags.Check(merged)
	})
	return nil, err
}

func (s *Service) untagResource(ctx context.Context, in *wire.UntagResourceInput) (*awsapi.Empty, error) {
	_, err := s.tagsOf(ctx, *in.ResourceArn, func(have map[string]string) (map[string]string, error) {
		return awsapi.RemoveTags(have, in.TagKeys), nil
	})
	return nil, err
}

// tagsOf gives the tags of what an ARN names, after change (nil: only read).
func (s *Service) tagsOf(ctx context.Context, resource string, change func(map[string]string) (map[string]string, error)) (map[string]string, error) {
	arn, ok := awsapi.ParseARN(resource)
	if !ok || arn.Service != "apigateway" {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Invalid ARN specified in the request")
	}
	path := strings.TrimPrefix(arn.Resource, "/")
	for _, other := range s.Taggables {
		if have, found, err := other.Tags(ctx, path, change); found || err != nil {
			return have, err
		}
	}
	var have map[string]string
	run := s.view
	if change != nil {
		run = s.update
	}
	err := run(ctx, func(tx *txn) error {
		holder, err := tx.tagHolder(path, change != nil)
		if err != nil {
			return err
		}
		if change != nil {
			if *holder, err = change(*holder); err != nil {
				return err
			}
		}
		have = *holder
		return nil
	})
	return have, err
}

// tagHolder finds where the tags of a resource of this package are kept; editable
// gives a record that may be changed.
func (tx *txn) tagHolder(path string, editable bool) (*map[string]string, error) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "restapis":
		if api, ok := holder(tx, restAPIs, parts[1], editable); ok {
			return &api.Tags, nil
		}
		_, err := tx.restAPI(&parts[1])
		return nil, err
	case len(parts) == 4 && parts[0] == "restapis" && parts[2] == "stages":
		if st, ok := holder(tx, stages, parts[1]+"/"+parts[3], editable); ok {
			return &st.Tags, nil
		}
		return nil, errStage
	case len(parts) == 2 && parts[0] == "vpclinks":
		if v, ok := holder(tx, vpcLinks, parts[1], editable); ok {
			return &v.Tags, nil
		}
		return nil, errVPCLink
	case len(parts) == 2 && parts[0] == "clientcertificates":
		if c, ok := holder(tx, clientCertificates, parts[1], editable); ok {
			return &c.Tags, nil
		}
		return nil, errClientCertificate
	}
	// unverified against AWS: the text.
	return nil, awsapi.NotFound("Invalid resource ARN specified in the request")
}

func holder[T any](tx *txn, table store.Table[T], key string, editable bool) (*T, bool) {
	if editable {
		return table.Edit(tx.Tx, tx.scope, key)
	}
	return table.Get(tx.Tx, tx.scope, key)
}
