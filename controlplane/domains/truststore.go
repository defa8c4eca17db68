package domains

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
)

// Limits of a truststore.
const (
	maxTruststore   = 1 << 20
	maxCertificates = 1000
)

// cutURI takes s3://bucket/key apart.
func cutURI(uri string) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	if !ok {
		return "", "", false
	}
	bucket, key, _ = strings.Cut(rest, "/")
	return bucket, key, bucket != "" && key != ""
}

// readTruststore reads a truststore from S3, before the transaction that keeps it.
// No URI is no truststore.
func (s *Service) readTruststore(ctx context.Context, uri, version string) (*Truststore, error) {
	if uri == "" {
		if version != "" {
			// unverified against AWS: the text.
			return nil, awsapi.BadRequest("A truststore version requires a truststore URI")
		}
		return nil, nil
	}
	bucket, key, ok := cutURI(uri)
	if !ok {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Invalid S3 URI specified for the truststore: %s", uri)
	}
	body, err := s.ReadObject(ctx, scopeOf(ctx), bucket, key, version)
	if err != nil {
		s.Logger.WarnContext(ctx, "truststore cannot be read", "uri", uri, "err", err)
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Unable to read the truststore %s: %s", uri, err.Error())
	}
	if len(body) > maxTruststore {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("The truststore %s exceeds the maximum size", uri)
	}
	t := &Truststore{URI: uri, Version: version, PEM: string(body)}
	count := 0
	if t.Warnings, count = examine(body); count > maxCertificates {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("The truststore %s has more than %d certificates", uri, maxCertificates)
	}
	return t, nil
}

// examine says what is wrong with a bundle. AWS: a certificate that cannot be used is
// warned of and no error.
//
// unverified against AWS: the texts.
func examine(bundle []byte) (warnings []string, count int) {
	rest := bundle
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		count++
		if _, err := x509.ParseCertificate(block.Bytes); err != nil || block.Type != "CERTIFICATE" {
			warnings = append(warnings, fmt.Sprintf("Certificate %d of the truststore is not a valid X.509 certificate", count))
		}
	}
	if count == 0 {
		warnings = append(warnings, "The truststore has no certificates")
	}
	return warnings, count
}

// same tells whether a truststore is the one at a URI and version.
func (t *Truststore) same(uri, version string) bool {
	if t == nil {
		return uri == "" && version == ""
	}
	return t.URI == uri && t.Version == version
}
