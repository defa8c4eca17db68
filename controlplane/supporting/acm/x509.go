package acm

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// Types of PEM blocks.
const (
	certificateBlock  = "CERTIFICATE"
	encryptedKeyBlock = "ENCRYPTED PRIVATE KEY"
)

// leaf is the certificate itself, without its chain. A record holds none that does not
// parse: what would be an error is an empty certificate.
func (c *Certificate) leaf() *x509.Certificate {
	cert, err := x509.ParseCertificate(c.Chain[0])
	if err != nil {
		return &x509.Certificate{}
	}
	return cert
}

func encodePEM(blocks ...[]byte) string {
	var b bytes.Buffer
	for _, der := range blocks {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: der}))
	}
	return b.String()
}

// newKey makes a key by one of the algorithms that certificates can be requested with.
func newKey(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "RSA_2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "RSA_3072":
		return rsa.GenerateKey(rand.Reader, 3072)
	case "RSA_4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	case "EC_prime256v1":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EC_secp384r1":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EC_secp521r1":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	}
	return nil, fmt.Errorf("no keys are made by %s", algorithm)
}

// keyAlgorithm names a key as requests and filters do, "" when ACM takes none such.
func keyAlgorithm(key crypto.PublicKey) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		switch bits := k.N.BitLen(); bits {
		case 1024, 2048, 3072, 4096:
			return fmt.Sprintf("RSA_%d", bits)
		}
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return "EC_prime256v1"
		case elliptic.P384():
			return "EC_secp384r1"
		case elliptic.P521():
			return "EC_secp521r1"
		}
	}
	return ""
}

// shownAlgorithm is an algorithm as answers name it. AWS: with hyphens, which its own
// model does not know.
func shownAlgorithm(name string) string { return strings.ReplaceAll(name, "_", "-") }

// signatureAlgorithm is Java's name of it, as AWS has it: SHA256WITHRSA.
func signatureAlgorithm(a x509.SignatureAlgorithm) string {
	for _, h := range []string{"SHA1", "SHA256", "SHA384", "SHA512"} {
		if name := a.String(); strings.Contains(name, h) || strings.Contains(name, h[:3]+"-"+h[3:]) {
			kind := "RSA"
			if strings.HasPrefix(name, "ECDSA") {
				kind = "ECDSA"
			}
			return h + "WITH" + kind
		}
	}
	return a.String()
}

// issuer names who signed a certificate, as AWS does for one that was imported.
//
// unverified against AWS: that the organization goes before the name.
func issuer(cert *x509.Certificate) string {
	for _, names := range [][]string{cert.Issuer.Organization, {cert.Issuer.CommonName}} {
		if len(names) > 0 && names[0] != "" {
			return names[0]
		}
	}
	return cert.Issuer.String()
}

func serial(cert *x509.Certificate) string {
	if cert.SerialNumber == nil {
		return ""
	}
	return strings.ReplaceAll(fmt.Sprintf("% x", cert.SerialNumber.Bytes()), " ", ":")
}

var keyUsageNames = []struct {
	bit  x509.KeyUsage
	name string
}{
	{x509.KeyUsageDigitalSignature, "DIGITAL_SIGNATURE"}, {x509.KeyUsageContentCommitment, "NON_REPUDIATION"},
	{x509.KeyUsageKeyEncipherment, "KEY_ENCIPHERMENT"}, {x509.KeyUsageDataEncipherment, "DATA_ENCIPHERMENT"},
	{x509.KeyUsageKeyAgreement, "KEY_AGREEMENT"}, {x509.KeyUsageCertSign, "CERTIFICATE_SIGNING"}, {x509.KeyUsageCRLSign, "CRL_SIGNING"},
	{x509.KeyUsageEncipherOnly, "ENCIPHER_ONLY"}, {x509.KeyUsageDecipherOnly, "DECIPHER_ONLY"},
}

// keyUsages lists what a key may be used for. AWS: without the extension, anything.
func keyUsages(cert *x509.Certificate) []string {
	var out []string
	for _, u := range keyUsageNames {
		if cert.KeyUsage&u.bit != 0 {
			out = append(out, u.name)
		}
	}
	if out == nil {
		return []string{"ANY"}
	}
	return out
}

type extendedUsage struct{ name, oid string }

var extendedUsages = map[x509.ExtKeyUsage]extendedUsage{
	x509.ExtKeyUsageServerAuth:      {"TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"},
	x509.ExtKeyUsageClientAuth:      {"TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2"},
	x509.ExtKeyUsageCodeSigning:     {"CODE_SIGNING", "1.3.6.1.5.5.7.3.3"},
	x509.ExtKeyUsageEmailProtection: {"EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4"},
	x509.ExtKeyUsageIPSECEndSystem:  {"IPSEC_END_SYSTEM", "1.3.6.1.5.5.7.3.5"},
	x509.ExtKeyUsageIPSECTunnel:     {"IPSEC_TUNNEL", "1.3.6.1.5.5.7.3.6"},
	x509.ExtKeyUsageIPSECUser:       {"IPSEC_USER", "1.3.6.1.5.5.7.3.7"},
	x509.ExtKeyUsageTimeStamping:    {"TIME_STAMPING", "1.3.6.1.5.5.7.3.8"},
	x509.ExtKeyUsageOCSPSigning:     {"OCSP_SIGNING", "1.3.6.1.5.5.7.3.9"},
	x509.ExtKeyUsageAny:             {"ANY", "2.5.29.37.0"},
}

// extendedKeyUsages lists what a certificate is for. AWS: without the extension, NONE.
func extendedKeyUsages(cert *x509.Certificate) []extendedUsage {
	var out []extendedUsage
	for _, u := range cert.ExtKeyUsage {
		if named, ok := extendedUsages[u]; ok {
			out = append(out, named)
		}
	}
	for _, oid := range cert.UnknownExtKeyUsage {
		out = append(out, extendedUsage{"CUSTOM", oid.String()})
	}
	if out == nil {
		return []extendedUsage{{name: "NONE"}}
	}
	return out
}
