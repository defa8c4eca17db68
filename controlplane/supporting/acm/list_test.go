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
	"github.com/google/go-cmp/cmp"
)

func TestList(t *testing.T) {
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

	every := types.KeyAlgorithm("").Values()
	for name, tc := range map[string]struct {
		in   sdk.ListCertificatesInput
		want []string
	}{
		"RSA unless asked":   {sdk.ListCertificatesInput{}, []string{imported}},
		"every key":          {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every}}, []string{first, second, imported}},
		"one kind of key":    {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: []types.KeyAlgorithm{types.KeyAlgorithmEcPrime256v1}}}, []string{first, second}},
		"status":             {sdk.ListCertificatesInput{CertificateStatuses: []types.CertificateStatus{types.CertificateStatusExpired}}, nil},
		"one of statuses":    {sdk.ListCertificatesInput{CertificateStatuses: []types.CertificateStatus{types.CertificateStatusIssued, types.CertificateStatusFailed}}, []string{imported}},
		"key usage":          {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every, KeyUsage: []types.KeyUsageName{types.KeyUsageNameDigitalSignature}}}, []string{first, second}},
		"extended key usage": {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every, ExtendedKeyUsage: []types.ExtendedKeyUsageName{types.ExtendedKeyUsageNameNone}}}, []string{imported}},
		"exportable":         {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every, ExportOption: types.CertificateExportEnabled}}, []string{second}},
		"not exportable":     {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every, ExportOption: types.CertificateExportDisabled}}, []string{first, imported}},
		"managed":            {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every, ManagedBy: types.CertificateManagedByCloudfront}}, nil},
		"newest first":       {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every}, SortBy: types.SortByCreatedAt, SortOrder: types.SortOrderDescending}, []string{imported, second, first}},
		"oldest first":       {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: every}, SortBy: types.SortByCreatedAt, SortOrder: types.SortOrderAscending}, []string{first, second, imported}},
	} {
		if diff := cmp.Diff(tc.want, f.list(&tc.in)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}

	var paged []string
	pages := sdk.NewListCertificatesPaginator(f.Client, &sdk.ListCertificatesInput{MaxItems: aws.Int32(2), Includes: &types.Filters{KeyTypes: every}})
	for pages.HasMorePages() {
		out := must[sdk.ListCertificatesOutput](f)(pages.NextPage(t.Context()))
		if len(out.CertificateSummaryList) > 2 {
			t.Errorf("a page of %d", len(out.CertificateSummaryList))
		}
		for _, c := range out.CertificateSummaryList {
			paged = append(paged, *c.CertificateArn)
		}
	}
	if !slices.Equal(paged, []string{first, second, imported}) {
		t.Errorf("page by page %v", paged)
	}

	summary := must[sdk.ListCertificatesOutput](f)(f.ListCertificates(t.Context(), &sdk.ListCertificatesInput{MaxItems: aws.Int32(1), Includes: &types.Filters{KeyTypes: every}})).CertificateSummaryList[0]
	if !*summary.InUse || *summary.Exported || summary.Status != types.CertificateStatusIssued || summary.RenewalEligibility != types.RenewalEligibilityEligible ||
		!slices.Equal(summary.SubjectAlternativeNameSummaries, []string{"a.example.com", "b.example.com"}) || *summary.HasAdditionalSubjectAlternativeNames || !summary.CreatedAt.Equal(epoch) {
		t.Errorf("%+v", summary)
	}
}

func TestListRefusals(t *testing.T) {
	f := newFixture(t)
	_, err := f.ListCertificates(t.Context(), &sdk.ListCertificatesInput{SortBy: types.SortByCreatedAt})
	f.refused(err, "ValidationException", "SortBy and SortOrder must be specified together.")
	_, err = f.ListCertificates(t.Context(), &sdk.ListCertificatesInput{NextToken: aws.String("rubbish")})
	f.refused(err, "InvalidArgsException", "The next token is not valid.")
	_, err = f.ListCertificates(t.Context(), &sdk.ListCertificatesInput{MaxItems: aws.Int32(1001)})
	f.refused(err, "ValidationException", "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000")
}
