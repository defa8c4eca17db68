package domains

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Restore hands what the store holds to the table, once at start.
func (s *Service) Restore(ctx context.Context) error {
	return s.DB.View(func(tx *store.Tx) error {
		seen := map[store.Scope]bool{}
		for _, e := range domains.All(tx) {
			if !seen[e.Scope] {
				seen[e.Scope] = true
				s.Table.Set((&txn{tx, ctx, s, e.Scope}).freeze())
			}
		}
		return nil
	})
}

var routings = map[string]snapshot.DomainRouting{
	routeMappings: snapshot.RouteByMapping, routeRules: snapshot.RouteByRule, routeRulesThenMappings: snapshot.RouteByRuleThenMapping,
}

// freeze describes an account's domains to the data plane.
func (tx *txn) freeze() *snapshot.Domains {
	out := &snapshot.Domains{AccountID: tx.scope.Account, Region: tx.scope.Region}
	for _, d := range domains.List(tx.Tx, tx.scope, "") {
		f := snapshot.Domain{Name: d.Name, Created: d.Created, CertificateARN: d.shownCertificate(), Routing: routings[d.Routing]}
		if f.CertificateARN == "" {
			f.Certificate = d.Certificate
		}
		for _, m := range tx.mappingsOf(d) {
			kind, _ := tx.s.APIs.Kind(tx.Tx, tx.scope, m.APIID)
			f.Mappings = append(f.Mappings, snapshot.DomainMapping{Key: m.Key, APIID: m.APIID, Stage: m.Stage, Kind: kind})
		}
		for _, r := range tx.rulesOf(d) {
			f.Rules = append(f.Rules, r.freeze())
		}
		if d.Truststore != nil {
			f.MutualTLS = &snapshot.MutualTLS{Truststore: d.Truststore.PEM}
		}
		if d.ID != "" {
			f.Private = tx.freezePrivate(d)
		}
		out.Domains = append(out.Domains, f)
	}
	return out
}

func (r *Rule) freeze() snapshot.RoutingRule {
	out := snapshot.RoutingRule{ID: r.ID, Priority: r.Priority, APIID: r.APIID, Stage: r.Stage, StripBasePath: r.StripsBase}
	for _, c := range r.Conditions {
		condition := snapshot.RoutingCondition{BasePaths: c.BasePaths}
		for _, h := range c.Headers {
			condition.Headers = append(condition.Headers, snapshot.HeaderGlob{Name: h.Name, Glob: h.Glob})
		}
		out.Conditions = append(out.Conditions, condition)
	}
	return out
}

func (tx *txn) freezePrivate(d *Domain) *snapshot.PrivateDomain {
	p := &snapshot.PrivateDomain{ARN: tx.invokeARN(d), Policy: d.Policy}
	for _, a := range associations.List(tx.Tx, tx.scope, "") {
		if a.DomainARN == tx.arn(d) {
			p.VPCEndpoints = append(p.VPCEndpoints, a.Source)
		}
	}
	return p
}

// arn is the domain's as a resource that is managed. AWS: a private domain's has the
// account, a public one's has not.
func (tx *txn) arn(d *Domain) string {
	account := ""
	if d.ID != "" {
		account = tx.scope.Account
	}
	return awsapi.ARN{Partition: awsapi.Partition(tx.scope.Region), Service: "apigateway", Region: tx.scope.Region,
		Account: account, Resource: "/domainnames/" + d.key()}.String()
}

// invokeARN is the domain's as a resource that is called.
func (tx *txn) invokeARN(d *Domain) string {
	return awsapi.ARN{Partition: awsapi.Partition(tx.scope.Region), Service: "execute-api", Region: tx.scope.Region,
		Account: tx.scope.Account, Resource: "/domainnames/" + d.key()}.String()
}
