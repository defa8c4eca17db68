package domains_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern/postern/runtime/snapshot"
)

var ignoreSDK = cmpopts.IgnoreUnexported(v1types.EndpointConfiguration{}, v1types.MutualTlsAuthentication{}, v1types.BasePathMapping{}, v1types.DomainNameAccessAssociation{})

func TestCreateDomainName(t *testing.T) {
	f := newFixture(t)
	edge := must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: aws.String("edge.example.com"), CertificateArn: aws.String(certificate)}))
	if len(*edge.DistributionDomainName) != len("d1234567890123.cloudfront.net") || !strings.HasSuffix(*edge.DistributionDomainName, ".cloudfront.net") ||
		*edge.DistributionHostedZoneId != "Z2FDTNDATAQYW2" || edge.RegionalDomainName != nil || !edge.CertificateUploadDate.Equal(epoch) ||
		edge.DomainNameStatus != "AVAILABLE" || edge.SecurityPolicy != "TLS_1_2" || edge.RoutingMode != "BASE_PATH_MAPPING_ONLY" || edge.DomainNameId != nil || edge.DomainNameArn != nil {
		t.Errorf("%+v", edge)
	}
	if diff := cmp.Diff(&v1types.EndpointConfiguration{Types: []v1types.EndpointType{"EDGE"}, IpAddressType: "ipv4"}, edge.EndpointConfiguration, ignoreSDK); diff != "" {
		t.Error(diff)
	}
	regional := f.regional("regional.example.com")
	if !strings.HasPrefix(*regional.RegionalDomainName, "d-") || !strings.HasSuffix(*regional.RegionalDomainName, ".execute-api.us-east-1.amazonaws.com") ||
		*regional.RegionalHostedZoneId != "Z1UJRXOUMOOFQ8" || regional.DistributionDomainName != nil || regional.CertificateUploadDate != nil {
		t.Errorf("%+v", regional)
	}
	private := f.private("private.example.com")
	id := *private.DomainNameId
	if len(id) != 10 || *private.DomainNameArn != "arn:aws:apigateway:us-east-1:000000000000:/domainnames/private.example.com+"+id ||
		private.EndpointConfiguration.IpAddressType != "dualstack" {
		t.Errorf("%+v", private)
	}
	if want := `"Resource":"arn:aws:execute-api:us-east-1:000000000000:/domainnames/private.example.com+` + id + `/*"`; !strings.Contains(*private.Policy, want) {
		t.Errorf("policy %s has no %s", *private.Policy, want)
	}
	got := must[v1.GetDomainNameOutput](f)(f.one.GetDomainName(t.Context(), &v1.GetDomainNameInput{DomainName: private.DomainName, DomainNameId: &id}))
	if *got.DomainNameId != id || got.Tags == nil {
		t.Errorf("%+v", got)
	}
	list := must[v1.GetDomainNamesOutput](f)(f.one.GetDomainNames(t.Context(), &v1.GetDomainNamesInput{Limit: aws.Int32(2)}))
	rest := must[v1.GetDomainNamesOutput](f)(f.one.GetDomainNames(t.Context(), &v1.GetDomainNamesInput{Position: list.Position}))
	foreign := must[v1.GetDomainNamesOutput](f)(f.one.GetDomainNames(t.Context(), &v1.GetDomainNamesInput{ResourceOwner: "OTHER_ACCOUNTS"}))
	if len(list.Items) != 2 || len(rest.Items) != 1 || rest.Position != nil || len(foreign.Items) != 0 {
		t.Errorf("%d, then %d; %d of others", len(list.Items), len(rest.Items), len(foreign.Items))
	}
}

func TestCreateDomainNameRefusals(t *testing.T) {
	f := newFixture(t)
	f.regional("taken.example.com")
	const bad = "BadRequestException"
	for name, tc := range map[string]struct {
		in            v1.CreateDomainNameInput
		code, message string
	}{
		"no name":          {v1.CreateDomainNameInput{DomainName: aws.String("")}, bad, "No Domain Name specified"},
		"taken":            {v1.CreateDomainNameInput{DomainName: aws.String("taken.example.com"), CertificateArn: aws.String(certificate)}, bad, "The domain name you provided already exists."},
		"no DNS name":      {v1.CreateDomainNameInput{DomainName: aws.String("a b.example.com"), CertificateArn: aws.String(certificate)}, bad, "Invalid domain name specified: a b.example.com"},
		"no star":          {v1.CreateDomainNameInput{DomainName: aws.String("a.*.example.com"), CertificateArn: aws.String(certificate)}, bad, "Invalid domain name specified: a.*.example.com"},
		"no cert":          {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com")}, bad, "A certificate was not provided for the endpoint type EDGE."},
		"wrong region":     {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), CertificateArn: aws.String(otherRegion)}, bad, "Invalid certificate ARN: " + otherRegion + ". Certificate must be in 'us-east-1'."},
		"no ARN":           {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), CertificateArn: aws.String("x")}, bad, "Invalid certificate ARN: x"},
		"two types":        {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), CertificateArn: aws.String(certificate), EndpointConfiguration: endpoint("PRIVATE", "EDGE")}, bad, "Invalid endpoint configuration types specified for the domain name: [PRIVATE, EDGE]"},
		"edge mTLS":        {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), CertificateArn: aws.String(certificate), MutualTlsAuthentication: &v1types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/good.pem")}}, bad, "Mutual TLS is only supported for REGIONAL domain names"},
		"private regional": {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), RegionalCertificateArn: aws.String(certificate), EndpointConfiguration: endpoint("PRIVATE")}, bad, "RegionalCertificateArn is not supported for PRIVATE custom domain name"},
		"edge, regional":   {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), RegionalCertificateArn: aws.String(certificate)}, bad, "Cannot import certificates for REGIONAL while EDGE is active."},
		"regional, edge":   {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), CertificateArn: aws.String(certificate), EndpointConfiguration: endpoint("REGIONAL")}, bad, "Cannot import certificates for EDGE while REGIONAL is active."},
		"no pair":          {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), CertificateName: aws.String("n"), CertificateBody: aws.String("x")}, bad, "The certificate body, private key and name provided are not valid together"},
		"enum":             {v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), RoutingMode: "x"}, "ValidationException", "1 validation error detected: Value 'x' at 'createDomainNameInput.routingMode' failed to satisfy constraint: Member must satisfy enum value set: [BASE_PATH_MAPPING_ONLY, ROUTING_RULE_ONLY, ROUTING_RULE_THEN_BASE_PATH_MAPPING]"},
	} {
		_, err := f.one.CreateDomainName(t.Context(), &tc.in)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		f.refused(err, tc.code, tc.message)
	}
	if len(f.table.last.Domains) != 1 {
		t.Errorf("the data plane has %d domains", len(f.table.last.Domains))
	}
	// A name belongs to one account of a region, and to another domain in another.
	stranger, _ := f.other("111122223333", "us-east-1")
	_, err := stranger.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: aws.String("taken.example.com"), CertificateArn: aws.String(certificate)})
	f.refused(err, bad, "The domain name you provided already exists.")
	abroad, _ := f.other("000000000000", "eu-west-1")
	out := must[v1.CreateDomainNameOutput](f)(abroad.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{
		DomainName: aws.String("taken.example.com"), RegionalCertificateArn: aws.String(otherRegion), EndpointConfiguration: endpoint("REGIONAL")}))
	if *out.RegionalHostedZoneId != "ZLY8HYME6SFDD" || f.table.last.Region != "eu-west-1" {
		t.Errorf("%+v", out)
	}
}

func TestUpdateDomainName(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	patch := func(list ...string) (*v1.UpdateDomainNameOutput, error) {
		return f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("a.example.com"), PatchOperations: ops(list...)})
	}
	second := strings.Replace(certificate, "1111", "9999", 1)
	out := must[v1.UpdateDomainNameOutput](f)(patch("replace", "/regionalCertificateArn", second, "replace", "/routingMode", "ROUTING_RULE_THEN_BASE_PATH_MAPPING"))
	if *out.RegionalCertificateArn != second || out.RoutingMode != "ROUTING_RULE_THEN_BASE_PATH_MAPPING" || f.table.last.Domains[0].Routing != snapshot.RouteByRuleThenMapping {
		t.Errorf("%+v", out)
	}
	must[v1.UpdateDomainNameOutput](f)(patch("replace", "/routingMode", "BASE_PATH_MAPPING_ONLY"))

	// To an edge-optimized endpoint: first both, then one of them.
	both := must[v1.UpdateDomainNameOutput](f)(patch("add", "/endpointConfiguration/types", "EDGE", "add", "/certificateArn", certificate))
	if both.DistributionDomainName == nil || both.RegionalDomainName == nil || len(both.EndpointConfiguration.Types) != 2 {
		t.Errorf("%+v", both)
	}
	edge := must[v1.UpdateDomainNameOutput](f)(patch("remove", "/endpointConfiguration/types", "REGIONAL", "remove", "/regionalCertificateArn", "-"))
	if edge.RegionalDomainName != nil || edge.RegionalCertificateArn != nil || *edge.DistributionDomainName != *both.DistributionDomainName {
		t.Errorf("%+v", edge)
	}
	back := must[v1.UpdateDomainNameOutput](f)(patch("replace", "/endpointConfiguration/types/0", "REGIONAL", "replace", "/regionalCertificateArn", certificate))
	if back.RegionalDomainName == nil || back.DistributionDomainName != nil {
		t.Errorf("%+v", back)
	}

	const bad = "BadRequestException"
	for _, tc := range []struct {
		ops     []string
		message string
	}{
		{[]string{"replace", "/domainName", "x"}, "Invalid patch path /domainName"},
		{[]string{"add", "/securityPolicy", "TLS_1_2"}, "Invalid patch operation specified. Must be one of: [replace]"},
		{[]string{"replace", "/securityPolicy", "TLS_9"}, "Invalid value specified for securityPolicy: TLS_9"},
		{[]string{"replace", "/routingMode", ""}, "Invalid value specified for routingMode: "},
		{[]string{"add", "/certificateName", "x", "remove", "/certificateArn", "-"}, "Invalid patch operation specified. Operations add and remove cannot be used in the same request"},
		{[]string{"remove", "/regionalCertificateArn", "-"}, "A certificate was not provided for the endpoint type REGIONAL."},
		{[]string{"replace", "/regionalCertificateArn", otherRegion}, "Invalid certificate ARN: " + otherRegion + ". Certificate must be in 'us-east-1'."},
		{[]string{"replace", "/policy", "{}"}, "A policy is only supported for PRIVATE domain names"},
		{[]string{"replace", "/policy", "{"}, "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
		{[]string{"replace", "/endpointConfiguration/types/0", "PRIVATE"}, "/endpointConfiguration/types/0 Invalid request input"},
		{[]string{"replace", "/endpointConfiguration/types/7", "EDGE"}, "Invalid patch path /endpointConfiguration/types/7"},
		{[]string{"replace", "/mutualTlsAuthentication/truststoreUri", "https://x"}, "Invalid S3 URI specified for the truststore: https://x"},
		{[]string{"replace", "/mutualTlsAuthentication/truststoreVersion", "v1"}, "A truststore version requires a truststore URI"},
	} {
		_, err := patch(tc.ops...)
		f.refused(err, bad, tc.message)
	}
	_, err := f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("b.example.com")})
	f.refused(err, "NotFoundException", "Invalid domain name identifier specified")
}

func TestTruststore(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	patch := func(list ...string) (*v1.UpdateDomainNameOutput, error) {
		return f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("a.example.com"), PatchOperations: ops(list...)})
	}
	const uri, version = "/mutualTlsAuthentication/truststoreUri", "/mutualTlsAuthentication/truststoreVersion"
	trust := func(want *v1types.MutualTlsAuthentication, list ...string) {
		t.Helper()
		out := must[v1.UpdateDomainNameOutput](f)(patch(list...))
		if diff := cmp.Diff(want, out.MutualTlsAuthentication, ignoreSDK); diff != "" {
			t.Error(diff)
		}
		if tls := f.table.last.Domains[0].MutualTLS; (tls != nil) != (want != nil) {
			t.Errorf("the data plane has %v", tls)
		}
	}
	trust(&v1types.MutualTlsAuthentication{TruststoreUri: aws.String("s3://trust/good.pem")}, "replace", uri, "s3://trust/good.pem")
	trust(&v1types.MutualTlsAuthentication{TruststoreUri: aws.String("s3://trust/good.pem"), TruststoreVersion: aws.String("v2")}, "replace", version, "v2")
	trust(&v1types.MutualTlsAuthentication{TruststoreUri: aws.String("s3://trust/good.pem"), TruststoreVersion: aws.String("v2")}, "replace", "/regionalCertificateName", "x")
	trust(&v1types.MutualTlsAuthentication{TruststoreUri: aws.String("s3://trust/bad.pem"),
		TruststoreWarnings: []string{"Certificate 1 of the truststore is not a valid X.509 certificate"}}, "replace", uri, "s3://trust/bad.pem")
	_, err := patch("replace", uri, "s3://trust/missing.pem")
	f.refused(err, "BadRequestException", "Unable to read the truststore s3://trust/missing.pem: NoSuchKey: The specified key does not exist.")
	_, err = patch("replace", uri, "s3://trust/large.pem")
	f.refused(err, "BadRequestException", "The truststore s3://trust/large.pem exceeds the maximum size")
	_, err = patch("replace", "/securityPolicy", "TLS_1_0")
	f.refused(err, "BadRequestException", "Mutual TLS authentication is only supported with TLS 1.2.")
	trust(nil, "replace", uri, "")
}

func TestBasePathMappings(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	domain := aws.String("a.example.com")
	create := func(base, api, stage string) (*v1.CreateBasePathMappingOutput, error) {
		in := &v1.CreateBasePathMappingInput{DomainName: domain, RestApiId: &api}
		if base != "-" {
			in.BasePath = &base
		}
		if stage != "-" {
			in.Stage = &stage
		}
		return f.one.CreateBasePathMapping(t.Context(), in)
	}
	root := must[v1.CreateBasePathMappingOutput](f)(create("-", "rest", "-"))
	if *root.BasePath != "(none)" || root.Stage != nil || *root.RestApiId != "rest" {
		t.Errorf("%+v", root)
	}
	must[v1.CreateBasePathMappingOutput](f)(create("v1", "rest", "dev"))
	must[v1.CreateBasePathMappingOutput](f)(create("v2", "rest", "(none)"))
	for _, tc := range []struct{ base, api, stage, code, message string }{
		{"(none)", "rest", "dev", "ConflictException", "Base path already exists for this domain name"},
		{"", "rest", "dev", "ConflictException", "Base path already exists for this domain name"},
		{"v1", "rest", "dev", "ConflictException", "Base path already exists for this domain name"},
		{"a/b", "rest", "dev", "BadRequestException", "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2."},
		{"x", "none", "dev", "BadRequestException", "Invalid REST API identifier specified"},
		{"x", "http", "dev", "BadRequestException", "Invalid REST API identifier specified"},
		{"x", "rest", "nope", "BadRequestException", "Invalid stage identifier specified"},
	} {
		_, err := create(tc.base, tc.api, tc.stage)
		f.refused(err, tc.code, tc.message)
	}
	got := must[v1.GetBasePathMappingOutput](f)(f.one.GetBasePathMapping(t.Context(), &v1.GetBasePathMappingInput{DomainName: domain, BasePath: aws.String("(none)")}))
	if *got.BasePath != "(none)" {
		t.Errorf("%+v", got)
	}
	_, err := f.one.GetBasePathMapping(t.Context(), &v1.GetBasePathMappingInput{DomainName: domain, BasePath: aws.String("v9")})
	f.refused(err, "NotFoundException", "Invalid base path mapping identifier specified")
	_, err = f.one.GetBasePathMappings(t.Context(), &v1.GetBasePathMappingsInput{DomainName: aws.String("none.example.com")})
	f.refused(err, "NotFoundException", "Invalid domain name identifier specified")

	update := func(base string, list ...string) (*v1.UpdateBasePathMappingOutput, error) {
		return f.one.UpdateBasePathMapping(t.Context(), &v1.UpdateBasePathMappingInput{DomainName: domain, BasePath: &base, PatchOperations: ops(list...)})
	}
	moved := must[v1.UpdateBasePathMappingOutput](f)(update("v1", "replace", "/basePath", "v3", "replace", "/stage", "prod", "replace", "/restapiId", "rest"))
	if *moved.BasePath != "v3" || *moved.Stage != "prod" {
		t.Errorf("%+v", moved)
	}
	_, err = update("v3", "replace", "/basepath", "v2")
	f.refused(err, "ConflictException", "Base path already exists for this domain name")
	_, err = update("v3", "replace", "/stage", "nope")
	f.refused(err, "BadRequestException", "Invalid stage identifier specified")
	_, err = update("v3", "add", "/stage", "dev")
	f.refused(err, "BadRequestException", "Invalid patch operation specified. Must be one of: [replace]")

	if _, err := f.one.DeleteBasePathMapping(t.Context(), &v1.DeleteBasePathMappingInput{DomainName: domain, BasePath: aws.String("(none)")}); err != nil {
		t.Fatal(err)
	}
	list := must[v1.GetBasePathMappingsOutput](f)(f.one.GetBasePathMappings(t.Context(), &v1.GetBasePathMappingsInput{DomainName: domain}))
	want := []v1types.BasePathMapping{
		{BasePath: aws.String("v3"), RestApiId: aws.String("rest"), Stage: aws.String("prod")}, {BasePath: aws.String("v2"), RestApiId: aws.String("rest")}}
	if diff := cmp.Diff(want, list.Items, ignoreSDK); diff != "" {
		t.Error(diff)
	}
	wantServed := []snapshot.DomainMapping{{Key: "v3", APIID: "rest", Stage: "prod", Kind: snapshot.KindREST}, {Key: "v2", APIID: "rest", Kind: snapshot.KindREST}}
	if diff := cmp.Diff(wantServed, f.table.last.Domains[0].Mappings); diff != "" {
		t.Error(diff)
	}
	if _, err := f.one.DeleteDomainName(t.Context(), &v1.DeleteDomainNameInput{DomainName: domain}); err != nil {
		t.Fatal(err)
	}
	f.regional("a.example.com")
	if list := must[v1.GetBasePathMappingsOutput](f)(f.one.GetBasePathMappings(t.Context(), &v1.GetBasePathMappingsInput{DomainName: domain})); len(list.Items) != 0 {
		t.Errorf("a new domain has the mappings of the old one: %+v", list.Items)
	}
}

func TestAccessAssociations(t *testing.T) {
	f := newFixture(t)
	domain, public := f.private("p.example.com"), f.regional("a.example.com")
	create := func(arn *string, source string) (*v1.CreateDomainNameAccessAssociationOutput, error) {
		return f.one.CreateDomainNameAccessAssociation(t.Context(), &v1.CreateDomainNameAccessAssociationInput{
			DomainNameArn: arn, AccessAssociationSource: &source, AccessAssociationSourceType: "VPCE", Tags: map[string]string{"a": "b"}})
	}
	one := must[v1.CreateDomainNameAccessAssociationOutput](f)(create(domain.DomainNameArn, "vpce-1"))
	if *one.DomainNameAccessAssociationArn != "arn:aws:apigateway:us-east-1:000000000000:/domainnameaccessassociations/domainname/p.example.com/vpcesource/vpce-1" || one.Tags["a"] != "b" {
		t.Errorf("%+v", one)
	}
	two := must[v1.CreateDomainNameAccessAssociationOutput](f)(create(domain.DomainNameArn, "vpce-2"))
	for _, source := range []string{"vpce-", "vpc-1", "vpce-1/x", "vpce-" + strings.Repeat("1", 40000)} {
		if _, err := create(domain.DomainNameArn, source); err == nil {
			t.Errorf("made an association with %.20s", source)
		}
	}
	_, err := create(domain.DomainNameArn, "vpce-1")
	f.refused(err, "ConflictException", "The domain name access association already exists")
	_, err = create(aws.String("arn:aws:apigateway:us-east-1::/domainnames/"+*public.DomainName), "vpce-1")
	f.refused(err, "NotFoundException", "Invalid domain name identifier specified")
	_, err = create(domain.DomainNameArn, "subnet-1")
	f.refused(err, "BadRequestException", "Invalid access association source specified: subnet-1")
	served := func() []string {
		for _, d := range f.table.last.Domains {
			if d.Private != nil {
				return d.Private.VPCEndpoints
			}
		}
		return nil
	}
	if diff := cmp.Diff([]string{"vpce-1", "vpce-2"}, served()); diff != "" {
		t.Error(diff)
	}
	if _, err := f.one.RejectDomainNameAccessAssociation(t.Context(), &v1.RejectDomainNameAccessAssociationInput{
		DomainNameArn: domain.DomainNameArn, DomainNameAccessAssociationArn: two.DomainNameAccessAssociationArn}); err != nil {
		t.Fatal(err)
	}
	list := must[v1.GetDomainNameAccessAssociationsOutput](f)(f.one.GetDomainNameAccessAssociations(t.Context(), &v1.GetDomainNameAccessAssociationsInput{ResourceOwner: "SELF"}))
	if len(list.Items) != 1 || *list.Items[0].AccessAssociationSource != "vpce-1" {
		t.Errorf("%+v", list.Items)
	}
	if _, err := f.one.DeleteDomainNameAccessAssociation(t.Context(), &v1.DeleteDomainNameAccessAssociationInput{DomainNameAccessAssociationArn: one.DomainNameAccessAssociationArn}); err != nil {
		t.Fatal(err)
	}
	_, err = f.one.DeleteDomainNameAccessAssociation(t.Context(), &v1.DeleteDomainNameAccessAssociationInput{DomainNameAccessAssociationArn: one.DomainNameAccessAssociationArn})
	f.refused(err, "NotFoundException", "Invalid domain name access association identifier specified")
	if len(served()) != 0 {
		t.Errorf("the data plane still has %v", served())
	}
	must[v1.CreateBasePathMappingOutput](f)(f.one.CreateBasePathMapping(t.Context(), &v1.CreateBasePathMappingInput{
		DomainName: domain.DomainName, DomainNameId: domain.DomainNameId, RestApiId: aws.String("rest"), Stage: aws.String("dev")}))
	if _, err := f.one.DeleteDomainName(t.Context(), &v1.DeleteDomainNameInput{DomainName: domain.DomainName, DomainNameId: domain.DomainNameId}); err != nil {
		t.Fatal(err)
	}
	_, err = f.one.GetDomainName(t.Context(), &v1.GetDomainNameInput{DomainName: domain.DomainName, DomainNameId: domain.DomainNameId})
	f.refused(err, "NotFoundException", "Invalid domain name identifier specified")
}
