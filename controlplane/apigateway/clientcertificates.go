package apigateway

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
)

// ClientCertificate is a key pair that stages show to their backends.
type ClientCertificate struct {
	ID             string
	Description    string
	CertificatePEM string
	KeyPEM         string
	CreatedDate    time.Time
	ExpirationDate time.Time
	Tags           map[string]string
}

var clientCertificates = store.NewTable[ClientCertificate]("apigateway.clientcertificate")

// unverified against AWS: the text.
var errClientCertificate = awsapi.NotFound("Invalid Client Certificate identifier specified")

const maxClientCertificates = 60

const certificateLife = 365 * 24 * time.Hour

func (s *Service) generateClientCertificate(ctx context.Context, in *wire.GenerateClientCertificateInput) (*wire.ClientCertificate, error) {
	if err := tags.Check(in.Tags); err != nil {
		return nil, err
	}
	// The key takes long to make: not inside the transaction.
	c, err := s.newClientCertificate()
	if err != nil {
		return nil, err
	}
	c.Description, c.Tags = awsapi.Val(in.Description), in.Tags
	return edit(ctx, s, func(tx *txn) (*wire.ClientCertificate, error) {
		if clientCertificates.Len(tx.Tx, tx.scope, "") >= maxClientCertificates {
			return nil, limits.Reached("Client Certificates", limits.OfAccount)
		}
		clientCertificates.Put(tx.Tx, tx.scope, c.ID, c)
		return c.wire(false), nil
	})
}

// newClientCertificate makes a key and signs it with itself, in AWS's form.
func (s *Service) newClientCertificate() (*ClientCertificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a client certificate's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 62))
	if err != nil {
		return nil, fmt.Errorf("make a client certificate's serial number: %w", err)
	}
	now := s.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "ApiGateway", Country: []string{"US"}, Organization: []string{"Amazon.com Inc."}, Locality: []string{"Seattle"}, Province: []string{"Washington"}, OrganizationalUnit: []string{"AWS"}},
		NotBefore:    now, NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a client certificate: %w", err)
	}
	return &ClientCertificate{
		ID:             s.NewID(6),
		CertificatePEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		KeyPEM:         string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		CreatedDate:    now, ExpirationDate: template.NotAfter,
	}, nil
}

func (s *Service) getClientCertificate(ctx context.Context, in *wire.GetClientCertificateInput) (*wire.ClientCertificate, error) {
	return read(ctx, s, func(tx *txn) (*wire.ClientCertificate, error) {
		c, ok := clientCertificates.Get(tx.Tx, tx.scope, *in.ClientCertificateId)
		if !ok {
			return nil, errClientCertificate
		}
		return c.wire(true), nil
	})
}

func (s *Service) getClientCertificates(ctx context.Context, in *wire.GetClientCertificatesInput) (*wire.ClientCertificates, error) {
	return read(ctx, s, func(tx *txn) (*wire.ClientCertificates, error) {
		items, next, err := paging.V1(clientCertificates.List(tx.Tx, tx.scope, ""), in.Position, in.Limit, func(c *ClientCertificate) *wire.ClientCertificate { return c.wire(false) })
		return &wire.ClientCertificates{Items: items, Position: next}, err
	})
}

func (s *Service) updateClientCertificate(ctx context.Context, in *wire.UpdateClientCertificateInput) (*wire.ClientCertificate, error) {
	return edit(ctx, s, func(tx *txn) (*wire.ClientCertificate, error) {
		c, ok := clientCertificates.Edit(tx.Tx, tx.scope, *in.ClientCertificateId)
		if !ok {
			return nil, errClientCertificate
		}
		if err := clientCertificatePatches.Apply(c, in.PatchOperations); err != nil {
			return nil, err
		}
		return c.wire(true), nil
	})
}

func (s *Service) deleteClientCertificate(ctx context.Context, in *wire.DeleteClientCertificateInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		id := *in.ClientCertificateId
		if _, ok := clientCertificates.Get(tx.Tx, tx.scope, id); !ok {
			return nil, errClientCertificate
		}
		for _, st := range stages.List(tx.Tx, tx.scope, "") {
			if st.ClientCertificateID == id {
				// unverified against AWS: the text.
				return nil, awsapi.BadRequest("Client certificate %s is in use by stage %s", id, st.StageName)
			}
		}
		clientCertificates.Delete(tx.Tx, tx.scope, id)
		return nil, nil
	})
}

func (c *ClientCertificate) wire(single bool) *wire.ClientCertificate {
	return &wire.ClientCertificate{
		ClientCertificateId: &c.ID, Description: awsapi.NonEmpty(c.Description), PemEncodedCertificate: &c.CertificatePEM,
		CreatedDate: seconds(c.CreatedDate), ExpirationDate: seconds(c.ExpirationDate), Tags: tags.Shown(c.Tags, single),
	}
}

var clientCertificatePatches = patch.Table[*ClientCertificate]{Family: patch.Listed, Rules: []patch.Rule[*ClientCertificate]{
	patch.Text("/description", func(c *ClientCertificate) *string { return &c.Description }),
}}
