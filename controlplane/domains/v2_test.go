package domains_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern/postern/runtime/snapshot"
)

var ignoreV2 = cmpopts.IgnoreUnexported(v2types.DomainNameConfiguration{}, v2types.MutualTlsAuthentication{}, v2types.ApiMapping{},
	v2types.RoutingRuleCondition{}, v2types.RoutingRuleMatchBasePaths{}, v2types.RoutingRuleMatchHeaders{}, v2types.RoutingRuleMatchHeaderValue{},
	v2types.RoutingRuleAction{}, v2types.RoutingRuleActionInvokeApi{})

func TestDomainNameV2(t *testing.T) {
	f := newFixture(t)
	name := aws.String("regional.example.com")
	out := must[v2.CreateDomainNameOutput](f)(f.two.CreateDomainName(t.Context(), &v2.CreateDomainNameInput{DomainName: name, DomainNameConfigurations: configuration(certificate)}))
	if *out.ApiMappingSelectionExpression != "$request.basepath" || *out.DomainNameArn != "arn:aws:apigateway:us-east-1::/domainnames/regional.example.com" || out.RoutingMode != "API_MAPPING_ONLY" || out.Tags == nil {
		t.Errorf("%+v", out)
	}
	target := out.DomainNameConfigurations[0].ApiGatewayDomainName
	want := []v2types.DomainNameConfiguration{{ApiGatewayDomainName: target, CertificateArn: aws.String(certificate), DomainNameStatus: "AVAILABLE", EndpointType: "REGIONAL",
		HostedZoneId: aws.String("Z1UJRXOUMOOFQ8"), IpAddressType: "ipv4", SecurityPolicy: "TLS_1_2"}}
	if diff := cmp.Diff(want, out.DomainNameConfigurations, ignoreV2); diff != "" || !strings.HasPrefix(*target, "d-") || len(*target) != len("d-1234567890.execute-api.us-east-1.amazonaws.com") {
		t.Errorf("%s %s", diff, *target)
	}
	// v1 shows the same domain, and the other way round.
	other := must[v1.GetDomainNameOutput](f)(f.one.GetDomainName(t.Context(), &v1.GetDomainNameInput{DomainName: name}))
	if *other.RegionalDomainName != *target || *other.RegionalCertificateArn != certificate {
		t.Errorf("%+v", other)
	}
	must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: aws.String("edge.example.com"), CertificateArn: aws.String(certificate)}))
	f.private("private.example.com")
	list := must[v2.GetDomainNamesOutput](f)(f.two.GetDomainNames(t.Context(), &v2.GetDomainNamesInput{MaxResults: aws.String("1")}))
	next := must[v2.GetDomainNamesOutput](f)(f.two.GetDomainNames(t.Context(), &v2.GetDomainNamesInput{NextToken: list.NextToken}))
	if len(list.Items) != 1 || len(next.Items) != 1 || next.NextToken != nil || next.Items[0].DomainNameConfigurations[0].EndpointType != "EDGE" {
		t.Errorf("%+v, then %+v", list.Items, next.Items)
	}

	tls := func(m *v2types.MutualTlsAuthenticationInput) *v2.UpdateDomainNameOutput {
		t.Helper()
		return must[v2.UpdateDomainNameOutput](f)(f.two.UpdateDomainName(t.Context(), &v2.UpdateDomainNameInput{DomainName: name, DomainNameConfigurations: configuration(certificate), MutualTlsAuthentication: m}))
	}
	tls(&v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/good.pem")})
	versioned := tls(&v2types.MutualTlsAuthenticationInput{TruststoreVersion: aws.String("v2")})
	if diff := cmp.Diff(&v2types.MutualTlsAuthentication{TruststoreUri: aws.String("s3://trust/good.pem"), TruststoreVersion: aws.String("v2")}, versioned.MutualTlsAuthentication, ignoreV2); diff != "" {
		t.Error(diff)
	}
	mode := must[v2.UpdateDomainNameOutput](f)(f.two.UpdateDomainName(t.Context(), &v2.UpdateDomainNameInput{DomainName: name, RoutingMode: "ROUTING_RULE_ONLY"}))
	if mode.RoutingMode != "ROUTING_RULE_ONLY" || mode.MutualTlsAuthentication == nil {
		t.Errorf("%+v", mode)
	}
	if off := tls(&v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("")}); off.MutualTlsAuthentication != nil || off.RoutingMode != "ROUTING_RULE_ONLY" {
		t.Errorf("%+v", off)
	}
	if _, err := f.two.DeleteDomainName(t.Context(), &v2.DeleteDomainNameInput{DomainName: name}); err != nil {
		t.Fatal(err)
	}
	_, err := f.two.GetDomainName(t.Context(), &v2.GetDomainNameInput{DomainName: name})
	f.refused(err, "NotFoundException", "The domain name resource specified in the request was not found.")
}

func TestDomainNameV2Refusals(t *testing.T) {
	f := newFixture(t)
	f.regional("taken.example.com")
	const bad = "BadRequestException"
	with := func(change func(*v2types.DomainNameConfiguration)) []v2types.DomainNameConfiguration {
		c := configuration(certificate)
		change(&c[0])
		return c
	}
	for _, tc := range []struct {
		name          string
		configs       []v2types.DomainNameConfiguration
		code, message string
	}{
		{"taken.example.com", configuration(certificate), "ConflictException", "The domain name resource already exists."},
		{"a.example.com", nil, bad, "Invalid input. Expected one domain name configuration"},
		{"a.example.com", append(configuration(certificate), configuration(certificate)...), bad, "Invalid input. Expected one domain name configuration"},
		{"a.example.com", with(func(c *v2types.DomainNameConfiguration) { c.EndpointType = "EDGE" }), bad, "EDGE endpoint type is not supported for APIGatewayV2 domainName"},
		{"a.example.com", configuration(otherRegion), bad, "Invalid certificate ARN: " + otherRegion + ". Certificate must be in 'us-east-1'."},
		{"a.example.com", with(func(c *v2types.DomainNameConfiguration) { c.CertificateArn = nil }), bad, "A certificate was not provided for the endpoint type REGIONAL."},
		{"a_b.example.com", configuration(certificate), bad, "Domain names cannot contain an underscore character"},
		{"example", configuration(certificate), bad, "Invalid domain name specified: example"},
	} {
		_, err := f.two.CreateDomainName(t.Context(), &v2.CreateDomainNameInput{DomainName: &tc.name, DomainNameConfigurations: tc.configs})
		f.refused(err, tc.code, tc.message)
	}
	_, err := f.two.UpdateDomainName(t.Context(), &v2.UpdateDomainNameInput{DomainName: aws.String("taken.example.com"), MutualTlsAuthentication: &v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("")}})
	f.refused(err, bad, "Invalid input. Expected one domain name configuration")
	_, err = f.two.UpdateDomainName(t.Context(), &v2.UpdateDomainNameInput{DomainName: aws.String("none.example.com"), DomainNameConfigurations: configuration(certificate)})
	f.refused(err, "NotFoundException", "The domain name resource specified in the request was not found.")
	_, err = f.two.UpdateDomainName(t.Context(), &v2.UpdateDomainNameInput{DomainName: aws.String("none.example.com")})
	f.refused(err, "NotFoundException", "The domain name resource specified in the request was not found.")
}

func TestApiMappings(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	f.regional("ws.example.com")
	must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: aws.String("edge.example.com"), CertificateArn: aws.String(certificate)}))
	create := func(domain, key, api, stage string) (*v2.CreateApiMappingOutput, error) {
		return f.two.CreateApiMapping(t.Context(), &v2.CreateApiMappingInput{DomainName: &domain, ApiMappingKey: &key, ApiId: &api, Stage: &stage})
	}
	const a = "a.example.com"
	root := must[v2.CreateApiMappingOutput](f)(create(a, "", "http", "dev"))
	deep := must[v2.CreateApiMappingOutput](f)(create(a, "v1/orders", "rest", "dev"))
	must[v2.CreateApiMappingOutput](f)(create("ws.example.com", "chat", "ws", "dev"))
	if *root.ApiMappingKey != "" || *deep.ApiMappingKey != "v1/orders" || *deep.Stage != "dev" || len(*deep.ApiMappingId) < 6 {
		t.Errorf("%+v %+v", root, deep)
	}
	const bad, regionalOnly = "BadRequestException", "Only REGIONAL domain names with the security policy TLS_1_2 can be managed through the API Gateway V2 API."
	for _, tc := range []struct{ domain, key, api, stage, code, message string }{
		{a, "x", "rest", "nope", bad, "Invalid stage identifier specified"},
		{a, "x", "none", "dev", "NotFoundException", "Invalid API identifier specified 000000000000:none"},
		{a, "/x", "rest", "dev", bad, "API mapping key should not start with a '/' or have consecutive '/'s."},
		{a, "x//y", "rest", "dev", bad, "API mapping key should not start with a '/' or have consecutive '/'s."},
		{a, "x/", "rest", "dev", bad, "API mapping key should not end with a '/'."},
		{a, "x y", "rest", "dev", bad, "An ApiMapping key may contain only letters, numbers and one of $-_.+!*'(),"},
		{a, strings.Repeat("x", 301), "rest", "dev", bad, "An ApiMapping key may have at most 300 characters"},
		{a, "", "rest", "dev", "ConflictException", "ApiMapping key already exists for this domain name"},
		{a, "chat", "ws", "dev", bad, "WebSocket APIs cannot share a domain name with REST or HTTP APIs"},
		{"ws.example.com", "rest", "rest", "dev", bad, "WebSocket APIs cannot share a domain name with REST or HTTP APIs"},
		{"ws.example.com", "a/b", "ws", "dev", bad, "Multi-level API mappings are not supported for WebSocket APIs"},
		{"edge.example.com", "", "http", "dev", bad, regionalOnly},
		{"edge.example.com", "a/b", "rest", "dev", bad, regionalOnly},
		{"none.example.com", "", "rest", "dev", "NotFoundException", "The domain name resource specified in the request was not found."},
	} {
		_, err := create(tc.domain, tc.key, tc.api, tc.stage)
		f.refused(err, tc.code, tc.message)
	}
	must[v2.CreateApiMappingOutput](f)(create("edge.example.com", "v1", "rest", "dev"))

	// v1 shows the mappings too.
	seen := must[v1.GetBasePathMappingsOutput](f)(f.one.GetBasePathMappings(t.Context(), &v1.GetBasePathMappingsInput{DomainName: aws.String(a)}))
	if len(seen.Items) != 2 || *seen.Items[0].BasePath != "(none)" || *seen.Items[1].BasePath != "v1/orders" {
		t.Errorf("%+v", seen.Items)
	}
	moved := must[v2.UpdateApiMappingOutput](f)(f.two.UpdateApiMapping(t.Context(), &v2.UpdateApiMappingInput{
		DomainName: aws.String(a), ApiMappingId: deep.ApiMappingId, ApiId: aws.String("rest"), ApiMappingKey: aws.String("v2"), Stage: aws.String("prod")}))
	if *moved.ApiMappingKey != "v2" || *moved.Stage != "prod" || *moved.ApiMappingId != *deep.ApiMappingId {
		t.Errorf("%+v", moved)
	}
	_, err := f.two.UpdateApiMapping(t.Context(), &v2.UpdateApiMappingInput{DomainName: aws.String(a), ApiMappingId: deep.ApiMappingId, ApiId: aws.String("rest"), ApiMappingKey: aws.String("")})
	f.refused(err, "ConflictException", "ApiMapping key already exists for this domain name")
	got := must[v2.GetApiMappingOutput](f)(f.two.GetApiMapping(t.Context(), &v2.GetApiMappingInput{DomainName: aws.String(a), ApiMappingId: deep.ApiMappingId}))
	if *got.ApiMappingKey != "v2" {
		t.Errorf("%+v", got)
	}
	if _, err := f.two.DeleteApiMapping(t.Context(), &v2.DeleteApiMappingInput{DomainName: aws.String(a), ApiMappingId: deep.ApiMappingId}); err != nil {
		t.Fatal(err)
	}
	_, err = f.two.GetApiMapping(t.Context(), &v2.GetApiMappingInput{DomainName: aws.String(a), ApiMappingId: deep.ApiMappingId})
	f.refused(err, "NotFoundException", "The api mapping resource specified in the request was not found.")
	list := must[v2.GetApiMappingsOutput](f)(f.two.GetApiMappings(t.Context(), &v2.GetApiMappingsInput{DomainName: aws.String(a)}))
	if diff := cmp.Diff([]v2types.ApiMapping{{ApiId: aws.String("http"), ApiMappingId: root.ApiMappingId, ApiMappingKey: aws.String(""), Stage: aws.String("dev")}}, list.Items, ignoreV2); diff != "" {
		t.Error(diff)
	}
	// A domain that serves an HTTP API cannot leave what those need.
	_, err = f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String(a), PatchOperations: ops("replace", "/securityPolicy", "TLS_1_0")})
	f.refused(err, bad, regionalOnly)
}

func TestMultiLevelQuota(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	create := func(key string) error {
		_, err := f.two.CreateApiMapping(t.Context(), &v2.CreateApiMappingInput{DomainName: aws.String("a.example.com"), ApiMappingKey: &key, ApiId: aws.String("rest"), Stage: aws.String("dev")})
		return err
	}
	for i := range 200 {
		if err := create("v1/" + strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	f.refused(create("v1/more"), "TooManyRequestsException", "Maximum number of multi-level API mappings for this domain name has been reached")
	if err := create("single"); err != nil {
		t.Error(err)
	}
}

func TestRoutingRules(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	domain := aws.String("a.example.com")
	base := func(paths ...string) v2types.RoutingRuleCondition {
		return v2types.RoutingRuleCondition{MatchBasePaths: &v2types.RoutingRuleMatchBasePaths{AnyOf: paths}}
	}
	header := func(name, glob string) v2types.RoutingRuleCondition {
		return v2types.RoutingRuleCondition{MatchHeaders: &v2types.RoutingRuleMatchHeaders{AnyOf: []v2types.RoutingRuleMatchHeaderValue{{Header: &name, ValueGlob: &glob}}}}
	}
	invoke := func(api, stage string, strip *bool) []v2types.RoutingRuleAction {
		return []v2types.RoutingRuleAction{{InvokeApi: &v2types.RoutingRuleActionInvokeApi{ApiId: &api, Stage: &stage, StripBasePath: strip}}}
	}
	create := func(priority int32, actions []v2types.RoutingRuleAction, conditions ...v2types.RoutingRuleCondition) (*v2.CreateRoutingRuleOutput, error) {
		if conditions == nil {
			conditions = []v2types.RoutingRuleCondition{}
		}
		return f.two.CreateRoutingRule(t.Context(), &v2.CreateRoutingRuleInput{DomainName: domain, Priority: &priority, Actions: actions, Conditions: conditions})
	}
	late := must[v2.CreateRoutingRuleOutput](f)(create(100, invoke("rest", "dev", nil)))
	if *late.Actions[0].InvokeApi.StripBasePath || len(late.Conditions) != 0 ||
		*late.RoutingRuleArn != "arn:aws:apigateway:us-east-1:000000000000:/domainnames/a.example.com/routingrules/"+*late.RoutingRuleId {
		t.Errorf("%+v", late)
	}
	conditions := []v2types.RoutingRuleCondition{header("X-Version", "beta*"), base("users"), header("Other", "*x*")}
	early := must[v2.CreateRoutingRuleOutput](f)(create(50, invoke("rest", "prod", aws.Bool(true)), conditions...))
	if diff := cmp.Diff(conditions, early.Conditions, ignoreV2); diff != "" {
		t.Error(diff)
	}
	const bad = "BadRequestException"
	for _, tc := range []struct {
		priority      int32
		actions       []v2types.RoutingRuleAction
		conditions    []v2types.RoutingRuleCondition
		code, message string
	}{
		{50, invoke("rest", "dev", nil), nil, "ConflictException", "A routing rule with this priority already exists for this domain name"},
		{1, invoke("http", "dev", nil), nil, bad, "Routing rules can only invoke REST APIs"},
		{1, invoke("none", "dev", nil), nil, "NotFoundException", "Invalid API identifier specified 000000000000:none"},
		{1, invoke("rest", "nope", nil), nil, bad, "Invalid stage identifier specified"},
		{1, append(invoke("rest", "dev", nil), invoke("rest", "dev", nil)...), nil, bad, "A routing rule must have exactly one action"},
		{1, invoke("rest", "dev", nil), []v2types.RoutingRuleCondition{base("a", "b")}, bad, "A matchBasePaths condition must have exactly one base path"},
		{1, invoke("rest", "dev", nil), []v2types.RoutingRuleCondition{base("/a")}, bad, "API mapping key should not start with a '/' or have consecutive '/'s."},
		{1, invoke("rest", "dev", nil), []v2types.RoutingRuleCondition{base("a"), base("b")}, bad, "A routing rule can have one matchBasePaths and two matchHeaders conditions at most"},
		{1, invoke("rest", "dev", nil), []v2types.RoutingRuleCondition{header("a", "x*y")}, bad, "Invalid header condition specified: a: x*y"},
		{1, invoke("rest", "dev", nil), []v2types.RoutingRuleCondition{{}}, bad, "A condition must have exactly one of matchBasePaths and matchHeaders"},
	} {
		_, err := create(tc.priority, tc.actions, tc.conditions...)
		f.refused(err, tc.code, tc.message)
	}
	if _, err := create(0, invoke("rest", "dev", nil)); err == nil {
		t.Error("priority 0 was accepted")
	}
	list := must[v2.ListRoutingRulesOutput](f)(f.two.ListRoutingRules(t.Context(), &v2.ListRoutingRulesInput{DomainName: domain, MaxResults: aws.Int32(1)}))
	rest := must[v2.ListRoutingRulesOutput](f)(f.two.ListRoutingRules(t.Context(), &v2.ListRoutingRulesInput{DomainName: domain, NextToken: list.NextToken}))
	if len(list.RoutingRules) != 1 || *list.RoutingRules[0].Priority != 50 || len(rest.RoutingRules) != 1 || *rest.RoutingRules[0].Priority != 100 {
		t.Errorf("%+v, then %+v", list.RoutingRules, rest.RoutingRules)
	}
	put := must[v2.PutRoutingRuleOutput](f)(f.two.PutRoutingRule(t.Context(), &v2.PutRoutingRuleInput{
		DomainName: domain, RoutingRuleId: late.RoutingRuleId, Priority: aws.Int32(10), Actions: invoke("rest", "prod", nil), Conditions: []v2types.RoutingRuleCondition{base("v1/x")}}))
	if *put.RoutingRuleId != *late.RoutingRuleId || *put.Priority != 10 {
		t.Errorf("%+v", put)
	}
	got := must[v2.GetRoutingRuleOutput](f)(f.two.GetRoutingRule(t.Context(), &v2.GetRoutingRuleInput{DomainName: domain, RoutingRuleId: late.RoutingRuleId}))
	if *got.Priority != 10 || got.Conditions[0].MatchBasePaths.AnyOf[0] != "v1/x" {
		t.Errorf("%+v", got)
	}
	if _, err := f.two.DeleteRoutingRule(t.Context(), &v2.DeleteRoutingRuleInput{DomainName: domain, RoutingRuleId: early.RoutingRuleId}); err != nil {
		t.Fatal(err)
	}
	_, err := f.two.GetRoutingRule(t.Context(), &v2.GetRoutingRuleInput{DomainName: domain, RoutingRuleId: early.RoutingRuleId})
	f.refused(err, "NotFoundException", "The routing rule resource specified in the request was not found.")
	want := []snapshot.RoutingRule{{ID: *late.RoutingRuleId, Priority: 10, APIID: "rest", Stage: "prod", Conditions: []snapshot.RoutingCondition{{BasePaths: []string{"v1/x"}}}}}
	if diff := cmp.Diff(want, f.table.last.Domains[0].Rules); diff != "" {
		t.Error(diff)
	}
}
