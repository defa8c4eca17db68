package acm

import (
	"context"
	"encoding/pem"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// exportCertificate gives a certificate away with its key, encrypted. AWS: a private
// one, or a public one for which that was allowed when it was requested.
func (s *Service) exportCertificate(ctx context.Context, in *wire.ExportCertificateInput) (*wire.ExportCertificateOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.ExportCertificateOutput, error) {
		c, err := tx.change(in.CertificateArn)
		if err != nil {
			return nil, err
		}
		if c.Type != Private && c.Export != enabled || !c.Revoked.IsZero() {
			// unverified against AWS: the text.
			return nil, awsapi.Validation("Certificate " + c.ARN + " cannot be exported.")
		}
		key, err := encryptKey(c.Key, in.Passphrase)
		if err != nil {
			return nil, err
		}
		c.Exported = true
		return &wire.ExportCertificateOutput{
			Certificate: awsapi.Ptr(encodePEM(c.Chain[0])), CertificateChain: awsapi.NonEmpty(encodePEM(c.Chain[1:]...)),
			PrivateKey: awsapi.Ptr(string(pem.EncodeToMemory(&pem.Block{Type: encryptedKeyBlock, Bytes: key}))),
		}, nil
	})
}
