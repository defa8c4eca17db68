package keypair

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
)

func block(kind string, der []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(key any) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return block("PRIVATE KEY", der, err)
}

func certificate(t *testing.T, key crypto.Signer) (*x509.Certificate, string) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	text := block("CERTIFICATE", der, err)
	certs, err := Certificates([]byte("\n" + text + text + "\n"))
	if err != nil || len(certs) != 2 {
		t.Fatal(certs, err)
	}
	return certs[1], text
}

func TestKeys(t *testing.T) {
	onRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, onEdwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalECPrivateKey(onCurve)
	openssl := block("EC PARAMETERS", []byte{6, 0}, nil) + block("EC PRIVATE KEY", ec, err)
	certs := map[string]*x509.Certificate{}
	for kind, key := range map[string]crypto.Signer{"RSA": onRSA, "ECDSA": onCurve, "Ed25519": onEdwards} {
		certs[kind], _ = certificate(t, key)
	}
	for _, tc := range []struct{ name, text, of string }{
		{"PKCS 1", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(onRSA), nil), "RSA"},
		{"PKCS 8, RSA", pkcs8(onRSA), "RSA"},
		{"SEC 1 behind its parameters", openssl, "ECDSA"},
		{"PKCS 8, ECDSA", pkcs8(onCurve), "ECDSA"},
		{"PKCS 8, Ed25519", pkcs8(onEdwards), "Ed25519"},
	} {
		key, err := Key([]byte(tc.text))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		for kind, cert := range certs {
			if got := Match(cert, key); got != (kind == tc.of) {
				t.Errorf("%s: matches %s: %t", tc.name, kind, got)
			}
		}
	}
	agree, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, cert := certificate(t, onCurve)
	for name, text := range map[string]string{
		"nothing": "", "no PEM": "x", "a certificate": cert, "rubbish": block("PRIVATE KEY", []byte("x"), nil), "a key that cannot sign": pkcs8(agree),
	} {
		if key, err := Key([]byte(text)); err == nil {
			t.Errorf("%s is read as %T", name, key)
		}
	}
}

func TestNoCertificates(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": " \n", "no PEM": "x", "rubbish": block("CERTIFICATE", []byte("x"), nil), "another block": block("X509 CRL", []byte{0x30, 0}, nil),
	} {
		if certs, err := Certificates([]byte(text)); err == nil {
			t.Errorf("%s: read %d", name, len(certs))
		}
	}
}

func FuzzKeypair(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := Key(text)
		if (err == nil) != (key != nil) {
			t.Errorf("key %v, %v", key, err)
		}
		if certs, err := Certificates(text); err == nil && key != nil {
			Match(certs[0], key)
		}
	})
}
