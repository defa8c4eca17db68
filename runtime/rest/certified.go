package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/postern/postern/runtime/integration"
)

// certified is a backend that may have to prove who it is.
type certified struct{ integration.Integration }

// Invoke implements integration.Integration.
//
// AWS: a certificate that does not hold is a fault of the configuration, not of the
// network. Seen in public execution logs: "Host name … does not match the certificate
// subject", "PKIX path building failed".
func (b certified) Invoke(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	res, err := b.Integration.Invoke(ctx, req)
	var untrusted *tls.CertificateVerificationError
	var otherName x509.HostnameError
	if errors.As(err, &untrusted) || errors.As(err, &otherName) {
		return nil, internal(err)
	}
	return res, err
}
