package domains

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/keypair"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/runtime/snapshot"
)

// upload takes a certificate that comes with the request instead of an ARN.
func (d *Domain) upload(in *wire.CreateDomainNameInput, now time.Time) error {
	body, key, chain := awsapi.Val(in.CertificateBody), awsapi.Val(in.CertificatePrivateKey), awsapi.Val(in.CertificateChain)
	if body == "" && key == "" && chain == "" {
		if d.has(edge) {
			d.CertificateUploaded = now
		}
		return nil
	}
	if d.CertificateARN != "" || d.CertificateName == "" && d.RegionalCertificateName == "" || body == "" || key == "" {
		// unverified against AWS: the text.
		return awsapi.BadRequest("The certificate body, private key and name provided are not valid together")
	}
	pair, err := checkUpload(d.Name, body, key, chain)
	if err != nil {
		return err
	}
	d.Certificate, d.CertificateUploaded = pair, now
	return nil
}

// checkUpload judges a certificate as IAM does, to which AWS hands it on.
func checkUpload(name, body, key, chain string) (*snapshot.KeyPair, error) {
	certs, err := keypair.Certificates([]byte(body))
	if err != nil || len(certs) != 1 {
		// unverified against AWS: the text.
		return nil, refusedByIAM("Invalid Public Key Certificate.", "MalformedCertificate")
	}
	certificate := encodePEM(certs[0])
	switch private, err := keypair.Key([]byte(key)); {
	case err != nil:
		// unverified against AWS: the text.
		return nil, refusedByIAM("Invalid Private Key.", "MalformedCertificate")
	case !keypair.Match(certs[0], private):
		// unverified against AWS: the text.
		return nil, refusedByIAM("The public key certificate and the private key do not match.", "KeyPairMismatch")
	}
	if !covers(certs[0], name) {
		return nil, awsapi.BadRequest("The domain name to be created is not covered by the provided certificate.")
	}
	var issuers []*x509.Certificate
	if chain != "" {
		if issuers, err = keypair.Certificates([]byte(chain)); err != nil {
			return nil, errChain()
		}
	}
	below := certs[0]
	for _, c := range issuers {
		if below.CheckSignatureFrom(c) != nil {
			return nil, errChain()
		}
		below = c
		certificate += encodePEM(c)
	}
	return &snapshot.KeyPair{CertificatePEM: certificate, KeyPEM: key}, nil
}

func errChain() error {
	return refusedByIAM("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order.", "MalformedCertificate")
}

// refusedByIAM is an error of IAM's as API Gateway hands it on. AWS has a request's id
// in it, too.
func refusedByIAM(text, code string) error {
	return awsapi.BadRequest("%s (Service: AmazonIdentityManagement; Status Code: 400; Error Code: %s)", text, code)
}

func encodePEM(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

// covers tells whether a certificate is for a domain; an old one says so by its
// subject alone.
func covers(c *x509.Certificate, name string) bool {
	if len(c.DNSNames) == 0 && len(c.IPAddresses) == 0 {
		return strings.EqualFold(c.Subject.CommonName, name)
	}
	return c.VerifyHostname(name) == nil
}
