package domains_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/store"
)

const certificates = "arn:aws:acm:us-east-1:000000000000:certificate/"

// acm knows some certificates, all for *.example.com.
type acm struct{}

func (acm) Find(_ *store.Tx, arn string) (domains.Certificate, bool) {
	c := domains.Certificate{Usable: true, Public: true, Covers: func(name string) bool { return strings.HasSuffix(name, ".example.com") }}
	_, id, _ := strings.Cut(arn, "/")
	switch id {
	case "public", "other", "11111111-2222-3333-4444-555555555555":
	case "imported":
		c.Public = false
	case "expired":
		c.Usable = false
	default:
		return c, false
	}
	return c, true
}

func withACM(c *domains.Config) { c.Certificates = acm{} }

func TestCertificateOfDomain(t *testing.T) {
	f := newFixture(t, withACM)
	foreign := "arn:aws:acm:us-east-1:123456789012:certificate/public"
	for name, tc := range map[string]struct{ domain, arn, want string }{
		"covered":      {"a.example.com", certificates + "public", ""},
		"imported":     {"b.example.com", certificates + "imported", ""},
		"not here":     {"c.example.org", certificates + "elsewhere", ""},
		"not covered":  {"a.example.org", certificates + "public", "The domain name to be created is not covered by the provided certificate."},
		"of another":   {"d.example.com", foreign, "The certificate provided must be owned by the account creating the domain."},
		"expired":      {"e.example.com", certificates + "expired", "The provided certificate " + certificates + "expired is not in the state ISSUED."},
		"not of acm":   {"f.example.com", "arn:aws:s3:::bucket", "Invalid certificate ARN: arn:aws:s3:::bucket"},
		"wrong region": {"g.example.com", otherRegion, "Invalid certificate ARN: " + otherRegion + ". Certificate must be in 'us-east-1'."},
	} {
		_, err1 := f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: &tc.domain, RegionalCertificateArn: &tc.arn, EndpointConfiguration: endpoint("REGIONAL")})
		_, err2 := f.two.CreateDomainName(t.Context(), &v2.CreateDomainNameInput{DomainName: aws.String("v2." + tc.domain), DomainNameConfigurations: configuration(tc.arn)})
		for _, err := range []error{err1, err2} {
			switch {
			case tc.want != "":
				f.refused(err, "BadRequestException", tc.want)
			case err != nil:
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	edge := aws.String(certificates + "public")
	_, err := f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{DomainName: aws.String("edge.example.org"), CertificateArn: edge, EndpointConfiguration: endpoint("EDGE")})
	f.refused(err, "BadRequestException", "Unable to associate certificate "+*edge+" with CloudFront. This error may prevent the domain name edge.example.org from being used in API Gateway for up to 40 minutes. "+
		"Please ensure the certificate domain name matches the requested domain name, and that this user has permission to call cloudfront:UpdateDistribution on '*' resources.")

	_, err = f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: aws.String("a.example.com"), PatchOperations: ops("replace", "/regionalCertificateArn", certificates+"expired")})
	f.refused(err, "BadRequestException", "The provided certificate "+certificates+"expired is not in the state ISSUED.")
}

func TestCertificateUsers(t *testing.T) {
	f := newFixture(t, withACM)
	make := func(one *v1.Client, in v1.CreateDomainNameInput) {
		t.Helper()
		must[v1.CreateDomainNameOutput](f)(one.CreateDomainName(t.Context(), &in))
	}
	public := aws.String(certificates + "public")
	make(f.one, v1.CreateDomainNameInput{DomainName: aws.String("a.example.com"), RegionalCertificateArn: public, EndpointConfiguration: endpoint("REGIONAL")})
	make(f.one, v1.CreateDomainNameInput{DomainName: aws.String("o.example.com"), RegionalCertificateArn: aws.String(certificates + "imported"),
		OwnershipVerificationCertificateArn: public, EndpointConfiguration: endpoint("REGIONAL")})
	elsewhere, _ := f.other("000000000000", "eu-west-1")
	make(elsewhere, v1.CreateDomainNameInput{DomainName: aws.String("e.example.com"), CertificateArn: public, EndpointConfiguration: endpoint("EDGE")})
	users := func(id string) (out []string) {
		t.Helper()
		if err := f.db.View(func(tx *store.Tx) error { out = domains.CertificateUsers(tx, certificates+id); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := []string{"arn:aws:apigateway:eu-west-1::/domainnames/e.example.com", "arn:aws:apigateway:us-east-1::/domainnames/a.example.com", "arn:aws:apigateway:us-east-1::/domainnames/o.example.com"}
	if diff := cmp.Diff(want, users("public")); diff != "" {
		t.Error(diff)
	}
	if got := users("other"); got != nil {
		t.Errorf("the other certificate is used by %v", got)
	}
	if _, err := f.one.DeleteDomainName(t.Context(), &v1.DeleteDomainNameInput{DomainName: aws.String("a.example.com")}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Delete(want, 1, 2), users("public")); diff != "" {
		t.Error(diff)
	}
}

func TestOwnershipCertificate(t *testing.T) {
	f := newFixture(t, withACM)
	create := func(name, own, proof string) error {
		in := &v1.CreateDomainNameInput{DomainName: &name, RegionalCertificateArn: aws.String(certificates + own), EndpointConfiguration: endpoint("REGIONAL"),
			MutualTlsAuthentication: &v1types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/good.pem")}}
		if proof != "" {
			in.OwnershipVerificationCertificateArn = aws.String(certificates + proof)
		}
		_, err := f.one.CreateDomainName(t.Context(), in)
		return err
	}
	for _, tc := range []struct{ name, own, proof, want string }{
		{"a.example.com", "public", "", ""},
		{"b.example.com", "imported", "", "Missing ownershipVerificationCertificate."},
		{"c.example.com", "imported", "public", ""},
		{"d.example.com", "imported", "imported", "The ownershipVerificationCertificate must be a public certificate issued by ACM."},
		{"e.example.com", "imported", "elsewhere", ""},
		{"f.example.com", "elsewhere", "", ""},
		{"g.example.org", "elsewhere", "public", "The domain name to be created is not covered by the provided certificate."},
	} {
		switch err := create(tc.name, tc.own, tc.proof); {
		case tc.want != "":
			f.refused(err, "BadRequestException", tc.want)
		case err != nil:
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{
		DomainName: aws.String("later.example.com"), RegionalCertificateArn: aws.String(certificates + "imported"), EndpointConfiguration: endpoint("REGIONAL")}))
	turnOn := &v2.UpdateDomainNameInput{DomainName: aws.String("later.example.com"), DomainNameConfigurations: configuration(certificates + "imported"),
		MutualTlsAuthentication: &v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/good.pem")}}
	_, err := f.two.UpdateDomainName(t.Context(), turnOn)
	f.refused(err, "BadRequestException", "Missing ownershipVerificationCertificate.")
	turnOn.DomainNameConfigurations[0].OwnershipVerificationCertificateArn = aws.String(certificates + "public")
	must[v2.UpdateDomainNameOutput](f)(f.two.UpdateDomainName(t.Context(), turnOn))
}

func TestStrictKnowsEveryCertificate(t *testing.T) {
	f := newFixture(t, withACM, func(c *domains.Config) { c.Strict = true })
	create := func(name, id string) error {
		_, err := f.two.CreateDomainName(t.Context(), &v2.CreateDomainNameInput{DomainName: &name, DomainNameConfigurations: configuration(certificates + id)})
		return err
	}
	if err := create("a.example.com", "public"); err != nil {
		t.Error(err)
	}
	f.refused(create("b.example.com", "elsewhere"), "BadRequestException", "The provided certificate does not exist.")
}

func TestTableKnowsCertificates(t *testing.T) {
	f := newFixture(t, withACM)
	f.regional("a.example.com")
	must[v1.CreateDomainNameOutput](f)(f.one.CreateDomainName(t.Context(), &v1.CreateDomainNameInput{
		DomainName: aws.String("e.example.com"), CertificateArn: aws.String(certificates + "other"), EndpointConfiguration: endpoint("EDGE")}))
	got := map[string]string{}
	for _, d := range f.table.last.Domains {
		got[d.Name] = d.CertificateARN
	}
	if diff := cmp.Diff(map[string]string{"a.example.com": certificate, "e.example.com": certificates + "other"}, got); diff != "" {
		t.Error(diff)
	}
}
