package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
)

// faults is a backend whose failures are not all the network's.
type faults struct {
	integration.Integration
	private bool // it stands behind a VPC link
}

var errPrivate = errors.New("there was an internal error while executing your request")

// Invoke implements integration.Integration.
//
// AWS: a certificate that does not hold, and a link's target that is out of reach, are
// faults of the configuration: api-gateway-500-error-vpc in its knowledge center.
func (b faults) Invoke(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	res, err := b.Integration.Invoke(ctx, req)
	if err == nil {
		return res, nil
	}
	var untrusted *tls.CertificateVerificationError
	var otherName x509.HostnameError
	switch {
	case errors.As(err, &untrusted) || errors.As(err, &otherName):
		return nil, internal(err)
	case b.private && gwerr.From(err).Type == gwerr.IntegrationFailure:
		return nil, internal(fmt.Errorf("%w: %w", errPrivate, err))
	}
	return nil, err
}
