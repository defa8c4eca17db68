package apigateway

import "strings"

// clone copies what source contains into a new API. Ids of resources, validators
// and authorizers are the copy's own, and what refers to them or to the API follows;
// deployments and stages stay behind.
func (tx *txn) clone(source, api *RestAPI) {
	// unverified against AWS: what the caller does not give is the source's.
	if api.BinaryMediaTypes == nil {
		api.BinaryMediaTypes = source.BinaryMediaTypes
	}
	if api.MinimumCompressionSize == nil {
		api.MinimumCompressionSize = source.MinimumCompressionSize
	}
	from, to := source.ID+"/", api.ID+"/"
	validatorIDs, authorizerIDs := map[string]string{}, map[string]string{}
	for _, v := range requestValidators.List(tx.Tx, tx.scope, from) {
		c := *v
		c.ID = tx.s.NewID(6)
		validatorIDs[v.ID] = c.ID
		requestValidators.Put(tx.Tx, tx.scope, to+c.ID, &c)
	}
	for _, a := range authorizers.List(tx.Tx, tx.scope, from) {
		c := *a
		c.ID = tx.s.NewID(6)
		authorizerIDs[a.ID] = c.ID
		authorizers.Put(tx.Tx, tx.scope, to+c.ID, &c)
	}
	for _, m := range models.List(tx.Tx, tx.scope, from) {
		c := *m
		c.ID = tx.s.NewID(6)
		c.Schema = strings.ReplaceAll(m.Schema, "/restapis/"+from+"models/", "/restapis/"+to+"models/")
		models.Put(tx.Tx, tx.scope, to+c.Name, &c)
	}
	for _, d := range documentationParts.List(tx.Tx, tx.scope, from) {
		c := *d
		c.ID = tx.s.NewID(6)
		documentationParts.Put(tx.Tx, tx.scope, to+c.ID, &c)
	}
	for _, g := range gatewayResponses.List(tx.Tx, tx.scope, from) {
		gatewayResponses.Put(tx.Tx, tx.scope, to+g.Type, g)
	}
	ids := map[string]string{source.RootResourceID: api.RootResourceID}
	all := tx.resourcesOf(source.ID)
	for _, r := range all {
		if ids[r.ID] == "" {
			ids[r.ID] = tx.s.NewID(6)
		}
	}
	for _, r := range all {
		c := &Resource{ID: ids[r.ID], ParentID: ids[r.ParentID], PathPart: r.PathPart, Path: r.Path, Methods: map[string]*Method{}}
		for verb, m := range r.Methods {
			cm := *m
			cm.RequestValidatorID, cm.AuthorizerID = validatorIDs[m.RequestValidatorID], authorizerIDs[m.AuthorizerID]
			if m.Integration != nil && m.Integration.CacheNamespace == r.ID {
				ci := *m.Integration
				ci.CacheNamespace = c.ID
				cm.Integration = &ci
			}
			c.Methods[verb] = &cm
		}
		tx.putResource(api.ID, c)
	}
}
