package apigatewayv2

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Unenforced lists the settings that are kept and shown but that the data plane
// does not act on, with the reason. Setting one is logged, and refused under
// strict. A guard is never here: one that cannot run denies.
var Unenforced = map[string]string{
	"Api.ipAddressType":                       "the listener's address family is the emulator's",
	"Api.apiKeySelectionExpression":           "HTTP APIs take no API keys",
	"Authorizer.identityValidationExpression": "AWS does not use it",
	"Route.requestParameters":                 "AWS checks parameters for WebSocket APIs only",
	"VpcLink.securityGroupIds":                "there is no VPC: links lead to the targets that are configured for them",
}

// unenforced speaks up about settings of the table that a caller made.
func (tx *txn) unenforced(resource string, settings []string) error {
	for _, name := range settings {
		reason := Unenforced[resource+"."+name]
		if tx.s.cfg.Strict {
			return awsapi.BadRequest("%s.%s is not emulated: %s", resource, name, reason)
		}
		tx.s.log.WarnContext(tx.ctx, "setting is kept but not emulated", "setting", resource+"."+name, "reason", reason)
	}
	return nil
}

type settingList []string

func (l *settingList) add(name string, set bool) {
	if set {
		*l = append(*l, name)
	}
}

func apiUnenforced(a *API) []string {
	var l settingList
	l.add("ipAddressType", a.IPAddressType != "ipv4")
	l.add("apiKeySelectionExpression", a.KeySelection != keySelection)
	return l
}

func authorizerUnenforced(a *Authorizer) []string {
	var l settingList
	l.add("identityValidationExpression", a.ValidationExpression != "")
	return l
}

func routeUnenforced(r *Route) []string {
	var l settingList
	l.add("requestParameters", len(r.RequestParameters) > 0)
	return l
}

func vpcLinkUnenforced(v *VPCLink) []string {
	var l settingList
	l.add("securityGroupIds", len(v.SecurityGroups) > 0)
	return l
}

// Coverage lists, by the Unenforced table's names, what of an API's settings is kept
// but not acted on. found is false when there is no such API.
func (s *Service) Coverage(ctx context.Context, apiID string) (settings []string, found bool) {
	// The view itself never fails.
	_ = s.cfg.DB.View(func(stx *store.Tx) error {
		for _, e := range apis.All(stx) {
			if e.Rec.ID == apiID {
				tx := &txn{Tx: stx, ctx: ctx, s: s, scope: e.Scope}
				settings, found = tx.coverage(e.Rec), true
			}
		}
		return nil
	})
	return settings, found
}

func (tx *txn) coverage(a *API) []string {
	out := prefixed("Api", apiUnenforced(a))
	for _, r := range routes.List(tx.Tx, tx.scope, a.ID+"/") {
		out = append(out, prefixed("Route", routeUnenforced(r))...)
	}
	for _, auth := range authorizers.List(tx.Tx, tx.scope, a.ID+"/") {
		out = append(out, prefixed("Authorizer", authorizerUnenforced(auth))...)
	}
	for _, i := range integrations.List(tx.Tx, tx.scope, a.ID+"/") {
		if v, ok := vpcLinks.Get(tx.Tx, tx.scope, i.ConnectionID); ok {
			out = append(out, prefixed("VpcLink", vpcLinkUnenforced(v))...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func prefixed(resource string, names []string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, resource+"."+n)
	}
	return out
}
