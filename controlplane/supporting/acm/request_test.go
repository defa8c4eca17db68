package acm_test

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern/postern/controlplane/supporting/acm"
)

func sans(names ...string) func(*sdk.RequestCertificateInput) {
	return func(in *sdk.RequestCertificateInput) { in.SubjectAlternativeNames = names }
}

func TestRequestedCertificate(t *testing.T) {
	f := newFixture(t)
	arn := f.request("Api.Example.com", sans("*.api.example.com", "api.example.com"))
	if !regexp.MustCompile(`^arn:aws:acm:us-east-1:000000000000:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(arn) {
		t.Error(arn)
	}
	got := f.describe(arn)
	record := got.DomainValidationOptions[0].ResourceRecord
	if record == nil || !regexp.MustCompile(`^_[0-9a-f]{32}\.api\.example\.com\.$`).MatchString(*record.Name) || !regexp.MustCompile(`^_[0-9a-f]{32}\.acm-validations\.aws\.$`).MatchString(*record.Value) {
		t.Fatalf("%+v", record)
	}
	validation := func(name string) types.DomainValidation {
		return types.DomainValidation{DomainName: &name, ValidationDomain: &name, ValidationStatus: types.DomainStatusSuccess, ValidationMethod: types.ValidationMethodDns,
			ResourceRecord: &types.ResourceRecord{Name: record.Name, Type: types.RecordTypeCname, Value: record.Value}}
	}
	want := &types.CertificateDetail{
		CertificateArn: &arn, DomainName: aws.String("api.example.com"), SubjectAlternativeNames: []string{"api.example.com", "*.api.example.com"},
		DomainValidationOptions: []types.DomainValidation{validation("api.example.com"), validation("*.api.example.com")},
		Serial:                  aws.String("a1:b2:03"), Subject: aws.String("CN=api.example.com"), Issuer: aws.String("Amazon"),
		CreatedAt: &epoch, IssuedAt: &epoch, NotBefore: &epoch, NotAfter: aws.Time(epoch.Add(year)), Status: types.CertificateStatusIssued,
		KeyAlgorithm: "EC-prime256v1", SignatureAlgorithm: aws.String("SHA256WITHECDSA"), InUseBy: []string{}, Type: types.CertificateTypeAmazonIssued,
		KeyUsages:          []types.KeyUsage{{Name: types.KeyUsageNameDigitalSignature}},
		ExtendedKeyUsages:  []types.ExtendedKeyUsage{{Name: types.ExtendedKeyUsageNameTlsWebServerAuthentication, OID: aws.String("1.3.6.1.5.5.7.3.1")}},
		RenewalEligibility: types.RenewalEligibilityIneligible,
		Options:            got.Options,
	}
	if transparency(got) != types.CertificateTransparencyLoggingPreferenceEnabled || got.Options.Export != "" {
		t.Errorf("%+v", got.Options)
	}
	unexported := cmpopts.IgnoreUnexported(types.CertificateDetail{}, types.DomainValidation{}, types.ResourceRecord{}, types.KeyUsage{}, types.ExtendedKeyUsage{}, types.CertificateOptions{})
	if diff := cmp.Diff(want, got, unexported); diff != "" {
		t.Error(diff)
	}
	if again := f.describe(f.request("*.api.example.com")); *again.DomainValidationOptions[0].ResourceRecord.Name != *record.Name {
		t.Error("a name is validated by another record the second time")
	}
}

// TestIssuedCertificate has TLS judge what was issued.
func TestIssuedCertificate(t *testing.T) {
	f := newFixture(t)
	arn := f.request("api.example.com", sans("*.wild.example.com"), func(in *sdk.RequestCertificateInput) { in.KeyAlgorithm = "" })
	if d := f.describe(arn); d.KeyAlgorithm != "RSA-2048" {
		t.Errorf("the default key is %s", d.KeyAlgorithm)
	}
	out := must[sdk.GetCertificateOutput](f)(f.GetCertificate(t.Context(), &sdk.GetCertificateInput{CertificateArn: &arn}))
	if *out.CertificateChain != string(f.ca.chain()) {
		t.Errorf("chain %s", *out.CertificateChain)
	}
	block, rest := pem.Decode([]byte(*out.Certificate))
	if block == nil || len(rest) > 0 {
		t.Fatal(*out.Certificate)
	}
	shown := f.svc.TLSCertificate(arn)
	if shown == nil || !bytes.Equal(shown.Leaf.Raw, block.Bytes) || len(shown.Certificate) != 2 {
		t.Fatalf("shown is %+v", shown)
	}
	if f.svc.TLSCertificate(arn) != shown {
		t.Error("a certificate is made ready anew")
	}
	roots := x509.NewCertPool()
	roots.AddCert(f.ca.cert)
	for _, name := range []string{"api.example.com", "a.wild.example.com"} {
		if _, err := shown.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: epoch}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tls.X509KeyPair([]byte(*out.Certificate), keyPEM(t, shown.PrivateKey.(crypto.Signer))); err != nil {
		t.Error(err)
	}
}

func TestRequestsOfOneToken(t *testing.T) {
	f := newFixture(t)
	token := func(v string) func(*sdk.RequestCertificateInput) {
		return func(in *sdk.RequestCertificateInput) { in.IdempotencyToken = &v }
	}
	first := f.request("a.example.com", token("one"))
	if again := f.request("A.example.com", token("one")); again != first {
		t.Error("a request that was repeated made another certificate")
	}
	for _, other := range []string{f.request("b.example.com", token("one")), f.request("a.example.com", token("two")), f.request("a.example.com")} {
		if other == first {
			t.Error("another request got the first's certificate")
		}
	}
	f.now = epoch.Add(time.Hour)
	if f.request("a.example.com", token("one")) == first {
		t.Error("a token holds for more than an hour")
	}
}

func TestValidationMethods(t *testing.T) {
	f := newFixture(t)
	method := func(m types.ValidationMethod) func(*sdk.RequestCertificateInput) {
		return func(in *sdk.RequestCertificateInput) { in.ValidationMethod = m }
	}
	byEmail := f.describe(f.request("www.example.com", method(""), func(in *sdk.RequestCertificateInput) {
		in.DomainValidationOptions = []types.DomainValidationOption{{DomainName: aws.String("www.example.com"), ValidationDomain: aws.String("example.com")}}
	})).DomainValidationOptions[0]
	want := []string{"admin@example.com", "administrator@example.com", "hostmaster@example.com", "postmaster@example.com", "webmaster@example.com"}
	if diff := cmp.Diff(want, byEmail.ValidationEmails); diff != "" || byEmail.ValidationMethod != types.ValidationMethodEmail || byEmail.ResourceRecord != nil || *byEmail.ValidationDomain != "example.com" {
		t.Errorf("%+v", byEmail)
	}
	byHTTP := f.describe(f.request("www.example.com", method(types.ValidationMethodHttp), func(in *sdk.RequestCertificateInput) { in.ManagedBy = types.CertificateManagedByCloudfront }))
	if r := byHTTP.DomainValidationOptions[0].HttpRedirect; r == nil || !strings.HasPrefix(*r.RedirectFrom, "http://www.example.com/.well-known/pki-validation/") || byHTTP.ManagedBy != types.CertificateManagedByCloudfront {
		t.Errorf("%+v", byHTTP)
	}
	private := f.describe(f.request("www.example.com", method(""), func(in *sdk.RequestCertificateInput) {
		in.CertificateAuthorityArn = aws.String("arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/11111111-2222-3333-4444-555555555555")
	}))
	if private.Type != types.CertificateTypePrivate || len(private.DomainValidationOptions) > 0 || *private.Issuer != "root" || private.CertificateAuthorityArn == nil {
		t.Errorf("%+v", private)
	}
}

func TestRequestRefusals(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("a", 60) + ".example.com"
	const pattern = `(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]`
	for name, tc := range map[string]struct {
		in            sdk.RequestCertificateInput
		code, message string
	}{
		"name": {sdk.RequestCertificateInput{DomainName: aws.String("-a.example.com")}, "ValidationException",
			"1 validation error detected: Value '-a.example.com' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + pattern},
		"alternative name": {sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"), SubjectAlternativeNames: []string{"a b"}}, "ValidationException",
			"1 validation error detected: Value '[a b]' at 'subjectAlternativeNames' failed to satisfy constraint: Member must satisfy constraint: " +
				"[Member must have length less than or equal to 253, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: " + pattern + "]"},
		"token": {sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"), IdempotencyToken: aws.String("a-b")}, "ValidationException",
			`1 validation error detected: Value 'a-b' at 'idempotencyToken' failed to satisfy constraint: Member must satisfy regular expression pattern: \w+`},
		"long name": {sdk.RequestCertificateInput{DomainName: &long}, "InvalidParameterException", "The first domain name can have at most 64 characters."},
		"short key": {sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"), KeyAlgorithm: types.KeyAlgorithmRsa1024}, "InvalidParameterException",
			"The key algorithm RSA_1024 is not supported for requested certificates."},
		"validation domain": {sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"),
			DomainValidationOptions: []types.DomainValidationOption{{DomainName: aws.String("a.example.com"), ValidationDomain: aws.String("ample.com")}}},
			"InvalidDomainValidationOptionsException", "The validation domain ample.com is not the domain a.example.com or one above it."},
		"tag": {sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"), Tags: []types.Tag{{Key: aws.String("aws:x")}}}, "InvalidTagException",
			"aws: prefixed tag key names are not allowed for external use."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.RequestCertificate(t.Context(), &tc.in)
			f.refused(err, tc.code, tc.message)
		})
	}
	if got := f.list(&sdk.ListCertificatesInput{}); got != nil {
		t.Errorf("refused requests made %v", got)
	}
}

func TestStrictKnowsNoPrivateAuthority(t *testing.T) {
	f := newFixture(t, func(c *acm.Config) { c.Strict = true })
	_, err := f.RequestCertificate(t.Context(), &sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"),
		CertificateAuthorityArn: aws.String("arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/1")})
	f.refused(err, "ValidationException", "RequestCertificate.CertificateAuthorityArn has no effect in Postern (private certificates too are issued by the local authority) and --strict refuses it")
}

func TestCertificatesOfOneAccount(t *testing.T) {
	f := newFixture(t)
	arn := f.request("a.example.com")
	for _, c := range []*sdk.Client{f.other("111111111111", "us-east-1"), f.other("000000000000", "eu-west-1")} {
		_, err := c.DescribeCertificate(t.Context(), &sdk.DescribeCertificateInput{CertificateArn: &arn})
		f.refused(err, "ResourceNotFoundException", "Could not find certificate "+arn+".")
	}
	_, err := f.DescribeCertificate(t.Context(), &sdk.DescribeCertificateInput{CertificateArn: aws.String("arn:aws:acm:us-east-1:000000000000:other/1")})
	f.refused(err, "InvalidArnException", "arn:aws:acm:us-east-1:000000000000:other/1 is not the ARN of a certificate.")
}
