package apigateway

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// APIExists tells the services beside this one whether there is a REST API.
func APIExists(tx *store.Tx, scope store.Scope, apiID string) bool {
	_, ok := restAPIs.Get(tx, scope, apiID)
	return ok
}

// VPCLinkExists tells whether there is a VPC link to a network load balancer.
func VPCLinkExists(tx *store.Tx, scope store.Scope, id string) bool {
	_, ok := vpcLinks.Get(tx, scope, id)
	return ok
}

// unmapped refuses to delete an API, or a stage of one, that custom domain names lead to.
func (tx *txn) unmapped(apiID, stage string) error {
	if tx.s.Mapped == nil {
		return nil
	}
	names := strings.Join(tx.s.Mapped(tx.Tx, tx.scope, apiID, stage), ", ")
	switch {
	case names == "":
		return nil
	case stage != "":
		return awsapi.BadRequest("Deleting stage %s failed. Please remove all base path mappings related to the stage in your domains: %s", stage, names)
	}
	return awsapi.BadRequest("Deleting RestApi %s failed. Please remove all base path mappings related to the RestApi in your domains: %s", apiID, names)
}
