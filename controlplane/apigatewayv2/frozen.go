package apigatewayv2

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// frozenDeployment is what a deployment froze. An API that deploys itself has a
// deployment for every change of it, each nearly the same as the one before, so what
// they have in common is kept once: routes, integrations and authorizers are parts,
// named by what is in them. A part stays until its API is deleted.
type frozenDeployment struct {
	snapshot.HTTPDeployment // without what stands in Parts
	Parts                   []string
}

// part is one of its members.
type part struct {
	Route       *snapshot.HTTPRoute       `json:",omitempty"`
	Integration *snapshot.HTTPIntegration `json:",omitempty"`
	Authorizer  *snapshot.HTTPAuthorizer  `json:",omitempty"`
}

var (
	frozen = store.NewTable[frozenDeployment]("apigatewayv2.deployment.frozen")
	parts  = store.NewTable[part]("apigatewayv2.deployment.part")
)

// putFrozen keeps what a deployment of the API froze.
func (tx *txn) putFrozen(apiID, deploymentID string, content *snapshot.HTTPDeployment) error {
	kept := &frozenDeployment{HTTPDeployment: *content}
	kept.Routes, kept.Integrations, kept.Authorizers = nil, nil, nil
	var all []part
	for _, r := range content.Routes {
		all = append(all, part{Route: &r})
	}
	for _, i := range content.Integrations {
		all = append(all, part{Integration: &i})
	}
	for _, a := range content.Authorizers {
		all = append(all, part{Authorizer: &a})
	}
	for _, p := range all {
		text, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("keep deployment %s: %w", deploymentID, err)
		}
		sum := sha256.Sum256(text)
		name := base64.RawURLEncoding.EncodeToString(sum[:12])
		kept.Parts = append(kept.Parts, name)
		if _, ok := parts.Get(tx.Tx, tx.scope, apiID+"/"+name); !ok {
			parts.Put(tx.Tx, tx.scope, apiID+"/"+name, &p)
		}
	}
	frozen.Put(tx.Tx, tx.scope, apiID+"/"+deploymentID, kept)
	return nil
}

// frozen puts together what a deployment of the API froze.
func (tx *txn) frozen(apiID, deploymentID string) (*snapshot.HTTPDeployment, bool) {
	kept, ok := frozen.Get(tx.Tx, tx.scope, apiID+"/"+deploymentID)
	if !ok {
		return nil, false
	}
	d := kept.HTTPDeployment
	for _, name := range kept.Parts {
		p, ok := parts.Get(tx.Tx, tx.scope, apiID+"/"+name)
		switch {
		case !ok:
			return nil, false
		case p.Route != nil:
			d.Routes = append(d.Routes, *p.Route)
		case p.Integration != nil:
			d.Integrations = append(d.Integrations, *p.Integration)
		case p.Authorizer != nil:
			d.Authorizers = append(d.Authorizers, *p.Authorizer)
		}
	}
	return &d, true
}
