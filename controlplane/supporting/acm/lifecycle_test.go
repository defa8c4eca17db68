package acm_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/google/go-cmp/cmp"
)

const user = "arn:aws:apigateway:us-east-1::/domainnames/a.example.com"

func exportable(in *sdk.RequestCertificateInput) {
	in.Options = &types.CertificateOptions{Export: types.CertificateExportEnabled}
}

func TestDelete(t *testing.T) {
	f := newFixture(t)
	arn := f.request("a.example.com")
	f.users[arn] = []string{user}
	remove := func() error {
		_, err := f.DeleteCertificate(t.Context(), &sdk.DeleteCertificateInput{CertificateArn: &arn})
		return err
	}
	f.refused(remove(), "ResourceInUseException", "Certificate "+arn+" in account 000000000000 is in use.")
	if got := f.describe(arn); got.InUseBy[0] != user || got.RenewalEligibility != types.RenewalEligibilityEligible {
		t.Errorf("%+v", got)
	}
	delete(f.users, arn)
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	f.refused(remove(), "ResourceNotFoundException", "Could not find certificate "+arn+".")
	if f.svc.TLSCertificate(arn) != nil {
		t.Error("a deleted certificate is shown to clients")
	}
}

func TestRenewal(t *testing.T) {
	f := newFixture(t)
	arn := f.request("a.example.com")
	renew := func() error {
		_, err := f.RenewCertificate(t.Context(), &sdk.RenewCertificateInput{CertificateArn: &arn})
		return err
	}
	f.refused(renew(), "ValidationException", "Certificate "+arn+" is not eligible for renewal.")
	f.users[arn] = []string{user}
	f.now = epoch.Add(24 * time.Hour)
	if err := renew(); err != nil {
		t.Fatal(err)
	}
	got := f.describe(arn)
	if s := got.RenewalSummary; !got.NotAfter.Equal(f.now.Add(year)) || s == nil || s.RenewalStatus != types.RenewalStatusSuccess || !s.UpdatedAt.Equal(f.now) || len(s.DomainValidationOptions) != 1 || !got.IssuedAt.Equal(epoch) {
		t.Errorf("%+v", got)
	}

	// At a start, what would expire soon is renewed and nothing else.
	idle := f.request("b.example.com")
	restore := func() (used, unused time.Time) {
		t.Helper()
		if err := f.svc.Restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		return *f.describe(arn).NotAfter, *f.describe(idle).NotAfter
	}
	first := f.now.Add(year)
	f.now = first.Add(-61 * 24 * time.Hour)
	if used, unused := restore(); !used.Equal(first) || !unused.Equal(first) {
		t.Errorf("renewed too early: %v %v", used, unused)
	}
	f.now = first.Add(-59 * 24 * time.Hour)
	if used, unused := restore(); !used.Equal(f.now.Add(year)) || !unused.Equal(first) {
		t.Errorf("valid until %v and %v", used, unused)
	}
	f.now = first.Add(time.Second)
	if f.describe(idle).Status != types.CertificateStatusExpired || f.describe(arn).Status != types.CertificateStatusIssued {
		t.Error("the wrong one expired")
	}
}

// TestExport has openssl read what was exported, where there is one.
func TestExport(t *testing.T) {
	f := newFixture(t)
	arn, closed := f.request("a.example.com", exportable), f.request("b.example.com")
	_, err := f.ExportCertificate(t.Context(), &sdk.ExportCertificateInput{CertificateArn: &closed, Passphrase: []byte("secret")})
	f.refused(err, "ValidationException", "Certificate "+closed+" cannot be exported.")
	out := must[sdk.ExportCertificateOutput](f)(f.ExportCertificate(t.Context(), &sdk.ExportCertificateInput{CertificateArn: &arn, Passphrase: []byte("secret")}))
	block, _ := pem.Decode([]byte(*out.PrivateKey))
	if block == nil || block.Type != "ENCRYPTED PRIVATE KEY" || *out.CertificateChain != string(f.ca.chain()) {
		t.Fatalf("%s", *out.PrivateKey)
	}
	if d := f.describe(arn); d.RenewalEligibility != types.RenewalEligibilityEligible || d.Options.Export != types.CertificateExportEnabled {
		t.Errorf("%+v", d)
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		return
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte(*out.PrivateKey), 0o600); err != nil {
		t.Fatal(err)
	}
	decrypted, err := exec.CommandContext(t.Context(), "openssl", "pkcs8", "-in", file, "-passin", "pass:secret", "-outform", "DER", "-topk8", "-nocrypt").Output()
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(decrypted)
	if err != nil {
		t.Fatal(err)
	}
	want := f.svc.TLSCertificate(arn).PrivateKey.(crypto.Signer).Public().(interface{ Equal(crypto.PublicKey) bool })
	if !want.Equal(key.(crypto.Signer).Public()) {
		t.Error("the exported key is another one")
	}
}

func TestRevocation(t *testing.T) {
	f := newFixture(t)
	arn := f.request("a.example.com", exportable)
	revoke := func() error {
		_, err := f.RevokeCertificate(t.Context(), &sdk.RevokeCertificateInput{CertificateArn: &arn, RevocationReason: types.RevocationReasonKeyCompromise})
		return err
	}
	f.refused(revoke(), "ConflictException", "Certificate "+arn+" was not exported and cannot be revoked.")
	export := func() error {
		_, err := f.ExportCertificate(t.Context(), &sdk.ExportCertificateInput{CertificateArn: &arn, Passphrase: []byte("secret")})
		return err
	}
	if err := export(); err != nil {
		t.Fatal(err)
	}
	f.users[arn] = []string{user}
	f.refused(revoke(), "ResourceInUseException", "Certificate "+arn+" in account 000000000000 is in use.")
	delete(f.users, arn)
	if err := revoke(); err != nil {
		t.Fatal(err)
	}
	if d := f.describe(arn); d.Status != types.CertificateStatusRevoked || d.RevocationReason != types.RevocationReasonKeyCompromise || !d.RevokedAt.Equal(epoch) {
		t.Errorf("%+v", d)
	}
	f.refused(revoke(), "ConflictException", "Certificate "+arn+" is revoked already.")
	f.refused(export(), "ValidationException", "Certificate "+arn+" cannot be exported.")
}

func TestOptions(t *testing.T) {
	f := newFixture(t)
	arn := f.request("a.example.com")
	update := func(arn string) error {
		_, err := f.UpdateCertificateOptions(t.Context(), &sdk.UpdateCertificateOptionsInput{CertificateArn: &arn,
			Options: &types.CertificateOptions{Export: types.CertificateExportEnabled}})
		return err
	}
	if err := update(arn); err != nil {
		t.Fatal(err)
	}
	if got := f.describe(arn); got.Options.Export != types.CertificateExportEnabled || transparency(got) != types.CertificateTransparencyLoggingPreferenceEnabled {
		t.Errorf("%+v", got.Options)
	}
	self := newAuthority(t, "a.example.com", nil)
	imported := *must[sdk.ImportCertificateOutput](f)(f.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: self.chain(), PrivateKey: keyPEM(t, self.key)})).CertificateArn
	f.refused(update(imported), "InvalidStateException", "The options of certificate "+imported+" cannot be changed: it is of type IMPORTED.")
}

func TestResendValidationEmail(t *testing.T) {
	f := newFixture(t)
	arn := f.request("a.example.com")
	resend := func(domain string) error {
		_, err := f.ResendValidationEmail(t.Context(), &sdk.ResendValidationEmailInput{CertificateArn: &arn, Domain: &domain, ValidationDomain: aws.String("example.com")})
		return err
	}
	f.refused(resend("a.example.com"), "InvalidStateException", "Certificate "+arn+" is not waiting to be validated by email.")
	f.refused(resend("b.example.com"), "InvalidDomainValidationOptionsException", "Certificate "+arn+" is not for the domain b.example.com.")
}

func TestAccountConfiguration(t *testing.T) {
	f := newFixture(t)
	days := func() int32 {
		t.Helper()
		return *must[sdk.GetAccountConfigurationOutput](f)(f.GetAccountConfiguration(t.Context(), &sdk.GetAccountConfigurationInput{})).ExpiryEvents.DaysBeforeExpiry
	}
	put := func(token string, days int32) error {
		_, err := f.PutAccountConfiguration(t.Context(), &sdk.PutAccountConfigurationInput{IdempotencyToken: &token, ExpiryEvents: &types.ExpiryEventsConfiguration{DaysBeforeExpiry: &days}})
		return err
	}
	if got := days(); got != 45 {
		t.Errorf("by default %d days", got)
	}
	if err := put("one", 10); err != nil {
		t.Fatal(err)
	}
	f.refused(put("one", 20), "ConflictException", "The idempotency token was used for another configuration.")
	if got := days(); got != 10 {
		t.Errorf("%d days", got)
	}
}

func TestTags(t *testing.T) {
	f := newFixture(t)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	arn := f.request("a.example.com", func(in *sdk.RequestCertificateInput) { in.Tags = []types.Tag{tag("b", "1")} })
	add := func(tags ...types.Tag) error {
		_, err := f.AddTagsToCertificate(t.Context(), &sdk.AddTagsToCertificateInput{CertificateArn: &arn, Tags: tags})
		return err
	}
	if err := add(tag("a", "2"), tag("c", "3"), tag("d", "4")); err != nil {
		t.Fatal(err)
	}
	_, err := f.RemoveTagsFromCertificate(t.Context(), &sdk.RemoveTagsFromCertificateInput{CertificateArn: &arn, Tags: []types.Tag{{Key: aws.String("b")}, tag("c", "other"), tag("d", "4")}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tag := range must[sdk.ListTagsForCertificateOutput](f)(f.ListTagsForCertificate(t.Context(), &sdk.ListTagsForCertificateInput{CertificateArn: &arn})).Tags {
		got[*tag.Key] = *tag.Value
	}
	if diff := cmp.Diff(map[string]string{"a": "2", "c": "3"}, got); diff != "" {
		t.Error(diff)
	}
	f.refused(add(tag("aws:x", "")), "InvalidTagException", "aws: prefixed tag key names are not allowed for external use.")
	var many []types.Tag
	for i := range 49 {
		many = append(many, tag("k"+strconv.Itoa(i), ""))
	}
	f.refused(add(many...), "TooManyTagsException", "A certificate can have at most 50 tags.")
	_, err = f.ListTagsForCertificate(t.Context(), &sdk.ListTagsForCertificateInput{CertificateArn: aws.String(missing)})
	f.refused(err, "ResourceNotFoundException", "Could not find certificate "+missing+".")
}
