package domains

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/runtime/snapshot"
)

// unverified against AWS: the texts.
var (
	errRule     = awsapi.NotFound("The routing rule resource specified in the request was not found.")
	errPriority = awsapi.Conflict("A routing rule with this priority already exists for this domain name")
)

const maxHeaderConditions = 2

func (s *Service) createRoutingRule(ctx context.Context, in *wire.CreateRoutingRuleInput) (*wire.CreateRoutingRuleOutput, error) {
	if err := model("CreateRoutingRule", in); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateRoutingRuleOutput, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomainV2
		}
		r := &Rule{ID: tx.s.NewID(6), Priority: *in.Priority}
		if err := tx.keepRule(d, r, in.Actions, in.Conditions); err != nil {
			return nil, err
		}
		return (*wire.CreateRoutingRuleOutput)(tx.wireRule(d, r)), nil
	})
}

// keepRule checks a rule against the domain's others and stores it.
func (tx *txn) keepRule(d *Domain, r *Rule, actions []wire.RoutingRuleAction, conditions []wire.RoutingRuleCondition) error {
	if err := r.act(actions); err != nil {
		return err
	}
	if err := r.require(conditions); err != nil {
		return err
	}
	switch kind, ok := tx.s.APIs.Kind(tx.Tx, tx.scope, r.APIID); {
	case !ok:
		return tx.errAPI(r.APIID)
	case kind != snapshot.KindREST:
		// unverified against AWS: the text.
		return awsapi.BadRequest("Routing rules can only invoke REST APIs")
	case !tx.s.APIs.HasStage(tx.Tx, tx.scope, r.APIID, r.Stage):
		return awsapi.BadRequest("Invalid stage identifier specified")
	}
	for _, other := range tx.rulesOf(d) {
		if other.ID != r.ID && other.Priority == r.Priority {
			return errPriority
		}
	}
	rules.Put(tx.Tx, tx.scope, d.key()+"/"+r.ID, r)
	return nil
}

// unverified against AWS: the texts.
func (r *Rule) act(actions []wire.RoutingRuleAction) error {
	if len(actions) != 1 || actions[0].InvokeApi == nil {
		return awsapi.BadRequest("A routing rule must have exactly one action")
	}
	to := actions[0].InvokeApi
	r.APIID, r.Stage, r.StripsBase = awsapi.Val(to.ApiId), awsapi.Val(to.Stage), awsapi.Val(to.StripBasePath)
	return nil
}

// unverified against AWS: the texts, but for those of base paths.
func (r *Rule) require(conditions []wire.RoutingRuleCondition) error {
	paths := 0
	for _, c := range conditions {
		if (c.MatchBasePaths == nil) == (c.MatchHeaders == nil) {
			return awsapi.BadRequest("A condition must have exactly one of matchBasePaths and matchHeaders")
		}
		if c.MatchBasePaths != nil {
			if len(c.MatchBasePaths.AnyOf) != 1 || c.MatchBasePaths.AnyOf[0] == "" {
				return awsapi.BadRequest("A matchBasePaths condition must have exactly one base path")
			}
			if err := checkKey(c.MatchBasePaths.AnyOf[0]); err != nil {
				return err
			}
			r.Conditions = append(r.Conditions, Condition{BasePaths: c.MatchBasePaths.AnyOf})
			paths++
			continue
		}
		var headers []Header
		for _, h := range c.MatchHeaders.AnyOf {
			header := Header{Name: awsapi.Val(h.Header), Glob: awsapi.Val(h.ValueGlob)}
			if header.Name == "" || header.Glob == "" || strings.Contains(strings.TrimSuffix(strings.TrimPrefix(header.Glob, "*"), "*"), "*") {
				return awsapi.BadRequest("Invalid header condition specified: %s: %s", header.Name, header.Glob)
			}
			headers = append(headers, header)
		}
		if len(headers) == 0 {
			return awsapi.BadRequest("A matchHeaders condition must have at least one header")
		}
		r.Conditions = append(r.Conditions, Condition{Headers: headers})
	}
	if paths > 1 || len(r.Conditions)-paths > maxHeaderConditions {
		return awsapi.BadRequest("A routing rule can have one matchBasePaths and two matchHeaders conditions at most")
	}
	return nil
}

func (tx *txn) rule(name, domainID, id *string) (*Domain, *Rule, error) {
	d, ok := tx.find(name, domainID)
	if !ok {
		return nil, nil, errDomainV2
	}
	r, ok := rules.Get(tx.Tx, tx.scope, d.key()+"/"+awsapi.Val(id))
	if !ok {
		return nil, nil, errRule
	}
	return d, r, nil
}

func (s *Service) getRoutingRule(ctx context.Context, in *wire.GetRoutingRuleInput) (*wire.GetRoutingRuleOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetRoutingRuleOutput, error) {
		d, r, err := tx.rule(in.DomainName, in.DomainNameId, in.RoutingRuleId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetRoutingRuleOutput)(tx.wireRule(d, r)), nil
	})
}

// rulesPage is how many rules a page has at the most, and if nobody says how many.
//
// unverified against AWS: the latter.
const rulesPage = 100

// listRoutingRules lists in the order in which rules are tried.
//
// unverified against AWS: that it does.
func (s *Service) listRoutingRules(ctx context.Context, in *wire.ListRoutingRulesInput) (*wire.ListRoutingRulesOutput, error) {
	if err := model("ListRoutingRules", in); err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *txn) (*wire.ListRoutingRulesOutput, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomainV2
		}
		list := slices.SortedFunc(slices.Values(tx.rulesOf(d)), func(a, b *Rule) int { return cmp.Compare(a.Priority, b.Priority) })
		page, next, ok := awsapi.Page(list, awsapi.Val(in.NextToken), awsapi.Val(in.MaxResults), rulesPage, rulesPage)
		if !ok {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("Invalid nextToken specified")
		}
		out := &wire.ListRoutingRulesOutput{RoutingRules: []wire.RoutingRule{}, NextToken: awsapi.NonEmpty(next)}
		for _, r := range page {
			out.RoutingRules = append(out.RoutingRules, *tx.wireRule(d, r))
		}
		return out, nil
	})
}

func (s *Service) putRoutingRule(ctx context.Context, in *wire.PutRoutingRuleInput) (*wire.PutRoutingRuleOutput, error) {
	if err := model("PutRoutingRule", in); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.PutRoutingRuleOutput, error) {
		d, have, err := tx.rule(in.DomainName, in.DomainNameId, in.RoutingRuleId)
		if err != nil {
			return nil, err
		}
		r := &Rule{ID: have.ID, Priority: *in.Priority}
		if err := tx.keepRule(d, r, in.Actions, in.Conditions); err != nil {
			return nil, err
		}
		return (*wire.PutRoutingRuleOutput)(tx.wireRule(d, r)), nil
	})
}

func (s *Service) deleteRoutingRule(ctx context.Context, in *wire.DeleteRoutingRuleInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		d, r, err := tx.rule(in.DomainName, in.DomainNameId, in.RoutingRuleId)
		if err != nil {
			return nil, err
		}
		rules.Delete(tx.Tx, tx.scope, d.key()+"/"+r.ID)
		return nil, nil
	})
}

func (tx *txn) wireRule(d *Domain, r *Rule) *wire.RoutingRule {
	arn := awsapi.ARN{Partition: awsapi.Partition(tx.scope.Region), Service: "apigateway", Region: tx.scope.Region,
		Account: tx.scope.Account, Resource: "/domainnames/" + d.key() + "/routingrules/" + r.ID}.String()
	out := &wire.RoutingRule{
		RoutingRuleId: &r.ID, RoutingRuleArn: &arn, Priority: &r.Priority, Conditions: []wire.RoutingRuleCondition{},
		Actions: []wire.RoutingRuleAction{{InvokeApi: &wire.RoutingRuleActionInvokeApi{ApiId: &r.APIID, Stage: &r.Stage, StripBasePath: &r.StripsBase}}},
	}
	for _, c := range r.Conditions {
		if c.BasePaths != nil {
			out.Conditions = append(out.Conditions, wire.RoutingRuleCondition{MatchBasePaths: &wire.RoutingRuleMatchBasePaths{AnyOf: c.BasePaths}})
			continue
		}
		headers := &wire.RoutingRuleMatchHeaders{}
		for _, h := range c.Headers {
			headers.AnyOf = append(headers.AnyOf, wire.RoutingRuleMatchHeaderValue{Header: &h.Name, ValueGlob: &h.Glob})
		}
		out.Conditions = append(out.Conditions, wire.RoutingRuleCondition{MatchHeaders: headers})
	}
	return out
}
