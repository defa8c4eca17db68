package acm

import (
	"context"

	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// ImportCertificate is the operation without the protocol around it.
func ImportCertificate(s *Service) func(context.Context, *wire.ImportCertificateInput) (*wire.ImportCertificateOutput, error) {
	return s.importCertificate
}
