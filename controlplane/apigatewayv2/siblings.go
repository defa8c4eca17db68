package apigatewayv2

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// APIExists tells the services beside this one whether there is an HTTP API.
func APIExists(tx *store.Tx, scope store.Scope, apiID string) bool {
	_, ok := apis.Get(tx, scope, apiID)
	return ok
}

// VPCLinkExists tells whether there is a VPC link; those of HTTP APIs lead REST APIs
// to load balancers too.
func VPCLinkExists(tx *store.Tx, scope store.Scope, id string) bool {
	_, ok := vpcLinks.Get(tx, scope, id)
	return ok
}

// StageExists tells the services beside this one whether an API has a stage.
func StageExists(tx *store.Tx, scope store.Scope, apiID, stage string) bool {
	_, ok := stages.Get(tx, scope, apiID+"/"+stage)
	return ok
}

// unmapped refuses to delete an API, or a stage of one, that custom domain names lead to.
func (tx *txn) unmapped(apiID, stage string) error {
	if tx.s.cfg.Mapped == nil {
		return nil
	}
	names := strings.Join(tx.s.cfg.Mapped(tx.Tx, tx.scope, apiID, stage), ", ")
	switch {
	case names == "":
		return nil
	case stage != "":
		return awsapi.BadRequest("Deleting stage %s failed. Please remove all base path mappings related to the stage in your domains: %s", stage, names)
	}
	// unverified against AWS: the text.
	return awsapi.BadRequest("Deleting API %s failed. Please remove all base path mappings related to the API in your domains: %s", apiID, names)
}

// Taggable finds the tags of a kind of resource that another package owns, by the
// part of its ARN behind "::/". found is false when it is none of that package's.
type Taggable interface {
	Tags(ctx context.Context, path string, change func(map[string]string) (map[string]string, error)) (tags map[string]string, found bool, err error)
}

// siblingTags asks the packages beside this one for the tags of what an ARN names.
func (s *Service) siblingTags(ctx context.Context, resource *string, change func(map[string]string) map[string]string) (tags map[string]string, found bool, err error) {
	arn, ok := awsapi.ParseARN(awsapi.Val(resource))
	if !ok || arn.Service != "apigateway" {
		return nil, false, nil
	}
	var checked func(map[string]string) (map[string]string, error)
	if change != nil {
		checked = func(have map[string]string) (map[string]string, error) {
			tags := change(have)
			return tags, checkTags(tags)
		}
	}
	for _, other := range s.cfg.Taggables {
		if tags, found, err = other.Tags(ctx, strings.TrimPrefix(arn.Resource, "/"), checked); found || err != nil {
			break
		}
	}
	return tags, found, err
}
