package apigatewayv2

import (
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
