package acm_test

import (
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

func attribute(f types.X509AttributeFilter) types.CertificateFilterStatement {
	return &types.CertificateFilterStatementMemberFilter{Value: &types.CertificateFilterMemberX509AttributeFilter{Value: f}}
}

func metadata(f types.AcmCertificateMetadataFilter) types.CertificateFilterStatement {
	return &types.CertificateFilterStatementMemberFilter{Value: &types.CertificateFilterMemberAcmCertificateMetadataFilter{Value: f}}
}

func commonName(operator types.ComparisonOperator, value string) types.CertificateFilterStatement {
	return attribute(&types.X509AttributeFilterMemberSubject{Value: &types.SubjectFilterMemberCommonName{Value: types.CommonNameFilter{ComparisonOperator: operator, Value: &value}}})
}

func dnsName(operator types.ComparisonOperator, value string) types.CertificateFilterStatement {
	return attribute(&types.X509AttributeFilterMemberSubjectAlternativeName{Value: &types.SubjectAlternativeNameFilterMemberDnsName{Value: types.DnsNameFilter{ComparisonOperator: operator, Value: &value}}})
}

func TestSearch(t *testing.T) {
	f := newFixture(t)
	first := f.request("a.example.com", sans("b.example.com"))
	f.now = epoch.Add(time.Minute)
	second := f.request("b.example.com", exportable)
	f.now = epoch.Add(2 * time.Minute)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cert, private := f.ca.issue(t, key, "c.example.com")
	imported := *must[sdk.ImportCertificateOutput](f)(f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: cert, PrivateKey: private, CertificateChain: f.ca.chain()})).CertificateArn
	f.users[first] = []string{user}
	inUse := metadata(&types.AcmCertificateMetadataFilterMemberInUse{Value: true})
	requested := metadata(&types.AcmCertificateMetadataFilterMemberType{Value: types.CertificateTypeAmazonIssued})
	ends := f.describe(imported).NotAfter
	both := func(list ...types.CertificateFilterStatement) types.CertificateFilterStatement {
		return &types.CertificateFilterStatementMemberAnd{Value: list}
	}
	not := func(st types.CertificateFilterStatement) types.CertificateFilterStatement {
		return &types.CertificateFilterStatementMemberNot{Value: st}
	}
	search := func(in *sdk.SearchCertificatesInput) (arns []string) {
		t.Helper()
		for _, r := range must[sdk.SearchCertificatesOutput](f)(f.SearchCertificates(t.Context(), in)).Results {
			arns = append(arns, *r.CertificateArn)
		}
		return arns
	}
	for name, tc := range map[string]struct {
		statement types.CertificateFilterStatement
		want      []string
	}{
		"all":               {nil, []string{first, second, imported}},
		"ARN":               {&types.CertificateFilterStatementMemberFilter{Value: &types.CertificateFilterMemberCertificateArn{Value: second}}, []string{second}},
		"common name":       {commonName(types.ComparisonOperatorEquals, "A.example.com"), []string{first}},
		"part of one":       {commonName(types.ComparisonOperatorContains, ".EXAMPLE."), []string{first, second, imported}},
		"not a part":        {commonName(types.ComparisonOperatorEquals, "example.com"), nil},
		"alternative name":  {dnsName(types.ComparisonOperatorEquals, "b.example.com"), []string{first, second}},
		"part of another":   {dnsName(types.ComparisonOperatorContains, "c.ex"), []string{imported}},
		"key":               {attribute(&types.X509AttributeFilterMemberKeyAlgorithm{Value: types.KeyAlgorithmRsa2048}), []string{imported}},
		"key usage":         {attribute(&types.X509AttributeFilterMemberKeyUsage{Value: types.KeyUsageNameDigitalSignature}), []string{first, second}},
		"extended usage":    {attribute(&types.X509AttributeFilterMemberExtendedKeyUsage{Value: types.ExtendedKeyUsageNameNone}), []string{imported}},
		"serial number":     {attribute(&types.X509AttributeFilterMemberSerialNumber{Value: *f.describe(second).Serial}), []string{first, second}},
		"ends later":        {attribute(&types.X509AttributeFilterMemberNotAfter{Value: types.TimestampRange{Start: aws.Time(ends.Add(24 * time.Hour))}}), nil},
		"ends before":       {attribute(&types.X509AttributeFilterMemberNotAfter{Value: types.TimestampRange{End: aws.Time(ends.Add(24 * time.Hour))}}), []string{first, second, imported}},
		"began after":       {attribute(&types.X509AttributeFilterMemberNotBefore{Value: types.TimestampRange{Start: ends}}), nil},
		"in use":            {inUse, []string{first}},
		"exported":          {metadata(&types.AcmCertificateMetadataFilterMemberExported{Value: true}), nil},
		"exportable":        {metadata(&types.AcmCertificateMetadataFilterMemberExportOption{Value: types.CertificateExportEnabled}), []string{second}},
		"issued":            {metadata(&types.AcmCertificateMetadataFilterMemberStatus{Value: types.CertificateStatusIssued}), []string{first, second, imported}},
		"renewed":           {metadata(&types.AcmCertificateMetadataFilterMemberRenewalStatus{Value: types.RenewalStatusSuccess}), nil},
		"validated by DNS":  {metadata(&types.AcmCertificateMetadataFilterMemberValidationMethod{Value: types.ValidationMethodDns}), []string{first, second}},
		"managed":           {metadata(&types.AcmCertificateMetadataFilterMemberManagedBy{Value: types.CertificateManagedByCloudfront}), nil},
		"and not":           {both(requested, not(inUse)), []string{second}},
		"or":                {&types.CertificateFilterStatementMemberOr{Value: []types.CertificateFilterStatement{inUse, commonName(types.ComparisonOperatorEquals, "c.example.com")}}, []string{first, imported}},
		"not one of either": {not(&types.CertificateFilterStatementMemberOr{Value: []types.CertificateFilterStatement{inUse, not(requested)}}), []string{second}},
	} {
		if got := search(&sdk.SearchCertificatesInput{FilterStatement: tc.statement}); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}

	for by, want := range map[types.SearchCertificatesSortBy][]string{
		types.SearchCertificatesSortByCreatedAt: {imported, second, first}, types.SearchCertificatesSortByCommonName: {imported, second, first},
		types.SearchCertificatesSortByInUse: {first, second, imported}, types.SearchCertificatesSortByKeyAlgorithm: {imported, first, second}, types.SearchCertificatesSortByExportOption: {second, first, imported},
	} {
		if got := search(&sdk.SearchCertificatesInput{SortBy: by, SortOrder: types.SearchCertificatesSortOrderDescending}); !slices.Equal(got, want) {
			t.Errorf("by %s: got %v, want %v", by, got, want)
		}
	}

	page := must[sdk.SearchCertificatesOutput](f)(f.SearchCertificates(t.Context(), &sdk.SearchCertificatesInput{MaxResults: aws.Int32(2)}))
	rest := search(&sdk.SearchCertificatesInput{NextToken: page.NextToken})
	if len(page.Results) != 2 || !slices.Equal(rest, []string{imported}) {
		t.Errorf("%d, then %v", len(page.Results), rest)
	}
	r := page.Results[0]
	shown, ok := r.CertificateMetadata.(*types.CertificateMetadataMemberAcmCertificateMetadata)
	if !ok || !*shown.Value.InUse || shown.Value.Type != types.CertificateTypeAmazonIssued || !shown.Value.CreatedAt.Equal(epoch) || shown.Value.ImportedAt != nil || shown.Value.ValidationMethod != types.ValidationMethodDns {
		t.Errorf("metadata %+v", r.CertificateMetadata)
	}
	if x := r.X509Attributes; *x.Subject.CommonName != "a.example.com" || len(x.SubjectAlternativeNames) != 2 || x.KeyAlgorithm != types.KeyAlgorithmEcPrime256v1 || *x.Issuer.CommonName == "" {
		t.Errorf("attributes %+v", x)
	}
}

func TestSearchRefusals(t *testing.T) {
	f := newFixture(t)
	_, err := f.SearchCertificates(t.Context(), &sdk.SearchCertificatesInput{NextToken: aws.String("rubbish")})
	f.refused(err, "ValidationException", "The next token is not valid.")
	_, err = f.SearchCertificates(t.Context(), &sdk.SearchCertificatesInput{MaxResults: aws.Int32(501)})
	f.refused(err, "ValidationException", "1 validation error detected: Value '501' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 500")
	_, err = f.SearchCertificates(t.Context(), &sdk.SearchCertificatesInput{FilterStatement: &types.CertificateFilterStatementMemberAnd{Value: []types.CertificateFilterStatement{commonName("STARTS", "x")}}})
	f.refused(err, "ValidationException", "1 validation error detected: Value 'STARTS' at 'filterStatement.and.1.member.filter.x509AttributeFilter.subject.commonName.comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: [CONTAINS, EQUALS]")
}
