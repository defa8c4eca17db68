package acm

import (
	"context"
	"crypto"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
	"github.com/postern/postern/controlplane/store"
)

// Config holds what a Service stands on.
type Config struct {
	DB *store.DB
	// Issue certifies a public key for names. It gives the certificate and what leads
	// from it to the root, in DER.
	Issue func(names []string, key crypto.PublicKey) ([][]byte, error)
	// InUseBy names, by ARN, what uses a certificate; nil: nothing does.
	InUseBy func(tx *store.Tx, certificateARN string) []string
	Now     func() time.Time
	// NewID gives n random hexadecimal digits; nil means crypto/rand.
	NewID  func(n int) string
	Logger *slog.Logger
	// Strict refuses members that would have no effect (see unenforced).
	Strict bool
}

// Service implements the operations. Make it with New.
type Service struct {
	Config
	shown sync.Map // of *shown, by ARN
}

// New gives a Service over the certificates that the store holds.
func New(cfg Config) *Service {
	if cfg.InUseBy == nil {
		cfg.InUseBy = func(*store.Tx, string) []string { return nil }
	}
	if cfg.NewID == nil {
		cfg.NewID = awsapi.RandomHex
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{Config: cfg}
}

// unenforced names the members that are accepted without effect, and why.
var unenforced = map[string]string{
	"RequestCertificate.CertificateAuthorityArn": "private certificates too are issued by the local authority",
	"PutAccountConfiguration.ExpiryEvents":       "no events are sent before certificates expire",
}

// Mux serves the operations over HTTP.
func (s *Service) Mux() *awsapi.Mux {
	return awsapi.NewMux(&wire.Service, s.operations(), awsapi.Options{Logger: s.Logger, Unenforced: unenforced, Strict: s.Strict})
}

func (s *Service) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"RequestCertificate":  awsapi.Op(s.requestCertificate),
		"ImportCertificate":   awsapi.Op(s.importCertificate),
		"DescribeCertificate": awsapi.Op(s.describeCertificate),
		"GetCertificate":      awsapi.Op(s.getCertificate),
		"ListCertificates":    awsapi.Op(s.listCertificates),
		"SearchCertificates":  awsapi.Op(s.searchCertificates),
		"DeleteCertificate":   awsapi.Op(s.deleteCertificate),

		"ExportCertificate":        awsapi.Op(s.exportCertificate),
		"RenewCertificate":         awsapi.Op(s.renewCertificate),
		"RevokeCertificate":        awsapi.Op(s.revokeCertificate),
		"UpdateCertificateOptions": awsapi.Op(s.updateCertificateOptions),
		"ResendValidationEmail":    awsapi.Op(s.resendValidationEmail),

		"AddTagsToCertificate":      awsapi.Op(s.addTagsToCertificate),
		"RemoveTagsFromCertificate": awsapi.Op(s.removeTagsFromCertificate),
		"ListTagsForCertificate":    awsapi.Op(s.listTagsForCertificate),

		"GetAccountConfiguration": awsapi.Op(s.getAccountConfiguration),
		"PutAccountConfiguration": awsapi.Op(s.putAccountConfiguration),
	}
}

// txn is one transaction on behalf of one caller.
type txn struct {
	*store.Tx
	s     *Service
	scope store.Scope
}

func (s *Service) txn(ctx context.Context, tx *store.Tx) *txn {
	return &txn{tx, s, scopeOf(ctx)}
}

// edit runs one changing transaction whose answer is a wire shape.
func edit[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Edit(ctx, s.DB, s.txn, fn)
}

// read runs one reading transaction whose answer is a wire shape.
func read[Out any](ctx context.Context, s *Service, fn func(tx *txn) (*Out, error)) (*Out, error) {
	return store.Read(ctx, s.DB, s.txn, fn)
}

func scopeOf(ctx context.Context) store.Scope { return awsapi.IdentityFrom(ctx).Scope() }

// now has the resolution that the API shows.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

// newARN names a certificate that is to be.
func (s *Service) newARN(scope store.Scope) string {
	h := s.NewID(32)
	id := strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	return awsapi.ARN{Partition: awsapi.Partition(scope.Region), Service: "acm", Region: scope.Region, Account: scope.Account, Resource: resource + id}.String()
}

// find gives one of the caller's certificates.
func (tx *txn) find(arn *string) (*Certificate, error) {
	c, ok := certificates.Get(tx.Tx, tx.scope, awsapi.Val(arn))
	if !ok {
		return nil, tx.missing(awsapi.Val(arn))
	}
	return c, nil
}

// change gives one of the caller's certificates, to be changed.
func (tx *txn) change(arn *string) (*Certificate, error) {
	c, ok := certificates.Edit(tx.Tx, tx.scope, awsapi.Val(arn))
	if !ok {
		return nil, tx.missing(awsapi.Val(arn))
	}
	return c, nil
}

// missing is the error for an ARN that leads to none of the caller's certificates.
func (tx *txn) missing(arn string) error {
	if a, ok := awsapi.ParseARN(arn); !ok || !strings.HasPrefix(a.Resource, resource) {
		// unverified against AWS: the text.
		return awsapi.Errorf("InvalidArnException", "%s is not the ARN of a certificate.", arn)
	}
	return awsapi.Errorf("ResourceNotFoundException", "Could not find certificate %s.", arn)
}

func (tx *txn) users(c *Certificate) []string { return tx.s.InUseBy(tx.Tx, c.ARN) }
