package domains_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/internal/tags"
	"github.com/postern/postern/controlplane/store"
)

func TestRestore(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	must[v2.CreateApiMappingOutput](f)(f.two.CreateApiMapping(t.Context(), &v2.CreateApiMappingInput{
		DomainName: aws.String("a.example.com"), ApiMappingKey: aws.String("v1"), ApiId: aws.String("rest"), Stage: aws.String("dev")}))
	must[v1.UpdateDomainNameOutput](f)(f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{
		DomainName: aws.String("a.example.com"), PatchOperations: ops("replace", "/mutualTlsAuthentication/truststoreUri", "s3://trust/good.pem")}))
	before := f.table.last
	f.table.last = nil
	if err := f.svc.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, f.table.last); diff != "" || before.Domains[0].MutualTLS.Truststore == "" {
		t.Error(diff)
	}
}

func TestMappedBy(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	f.regional("b.example.com")
	must[v2.CreateApiMappingOutput](f)(f.two.CreateApiMapping(t.Context(), &v2.CreateApiMappingInput{
		DomainName: aws.String("b.example.com"), ApiId: aws.String("rest"), Stage: aws.String("dev")}))
	scope := store.Scope{Account: "000000000000", Region: "us-east-1"}
	for _, tc := range []struct {
		api, stage string
		want       []string
	}{
		{"rest", "", []string{"b.example.com"}}, {"rest", "dev", []string{"b.example.com"}}, {"rest", "prod", nil}, {"http", "", nil},
	} {
		err := f.db.View(func(tx *store.Tx) error {
			if diff := cmp.Diff(tc.want, domains.MappedBy(tx, scope, tc.api, tc.stage)); diff != "" {
				t.Errorf("%s %s: %s", tc.api, tc.stage, diff)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTags(t *testing.T) {
	f := newFixture(t)
	f.regional("a.example.com")
	private := f.private("p.example.com")
	for _, path := range []string{"domainnames/a.example.com", "domainnames/p.example.com+" + *private.DomainNameId} {
		for _, key := range []string{"one", "two"} {
			if _, found, err := f.svc.Tags(t.Context(), path, tags.Add(map[string]string{key: "x"})); !found || err != nil {
				t.Fatalf("%s: %t, %v", path, found, err)
			}
		}
		have, found, err := f.svc.Tags(t.Context(), path, nil)
		if diff := cmp.Diff(map[string]string{"one": "x", "two": "x"}, have); diff != "" || !found || err != nil {
			t.Errorf("%s: %s %t %v", path, diff, found, err)
		}
	}
	got := must[v1.GetDomainNameOutput](f)(f.one.GetDomainName(t.Context(), &v1.GetDomainNameInput{DomainName: aws.String("a.example.com")}))
	if len(got.Tags) != 2 {
		t.Errorf("%v", got.Tags)
	}
	_, found, err := f.svc.Tags(t.Context(), "domainnames/none", nil)
	if !found || err == nil || !strings.Contains(err.Error(), "Invalid domain name identifier specified") {
		t.Errorf("%t, %v", found, err)
	}
	if _, _, err := f.svc.Tags(t.Context(), "domainnames/a.example.com", tags.Add(map[string]string{"aws:x": "y"})); err == nil {
		t.Error("a reserved key was accepted")
	}
	for _, path := range []string{"restapis/x", "domainnames/a.example.com/routingrules/r"} {
		if _, found, err := f.svc.Tags(t.Context(), path, nil); found || err != nil {
			t.Errorf("%s: %t, %v", path, found, err)
		}
	}
}

func TestQuota(t *testing.T) {
	f := newFixture(t)
	for i := range 120 {
		f.regional("d" + strconv.Itoa(i) + ".example.com")
	}
	_, err := f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: aws.String("more.example.com"), CertificateArn: aws.String(certificate)})
	f.refused(err, "LimitExceededException", "Maximum number of domain names for this account has been reached")
	_, err = f.two.CreateDomainName(t.Context(), &v2.CreateDomainNameInput{DomainName: aws.String("more.example.com"), DomainNameConfigurations: configuration(certificate)})
	f.refused(err, "TooManyRequestsException", "Maximum number of domain names for this account has been reached")
}

func TestStrict(t *testing.T) {
	f := newFixture(t, withACM, func(c *domains.Config) { c.Strict = true })
	f.regional("a.example.com")
	_, err := f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("a.example.com"), PatchOperations: ops("replace", "/securityPolicy", "TLS_1_0")})
	f.refused(err, "BadRequestException", "DomainName.securityPolicy is not emulated: TLS versions and ciphers are the listener's")
}
