package listen

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Authority is a certificate authority of this emulator alone. It makes its
// key when first asked for something. It goes by the real time, not by the
// emulator's clock, since so do the clients that verify.
type Authority struct {
	dir string

	mu     sync.Mutex
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	issued map[string]*tls.Certificate
}

const (
	authorityYears = 10
	// leafTime is below the 825 days beyond which Apple's clients refuse.
	leafTime = 397 * 24 * time.Hour
	// maxIssued bounds what a client that asks for ever new names can cost.
	maxIssued = 1000

	certFile = "ca.pem"
	keyFile  = "ca-key.pem"
)

// NewAuthority makes an authority that keeps its key in dir, so that it can
// be trusted once and for all; with dir "" it lives as long as the process.
func NewAuthority(dir string) *Authority { return &Authority{dir: dir} }

// PEM gives the certificate that clients are to trust.
func (a *Authority) PEM() ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.ready(); err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), nil
}

// certificate issues, or finds, one for the name that a client asked for.
func (a *Authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" { // called by address
		name, _, _ = net.SplitHostPort(hello.Conn.LocalAddr().String())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if cert := a.issued[name]; cert != nil {
		return cert, nil
	}
	if err := a.ready(); err != nil {
		return nil, err
	}
	cert, err := a.issue(name)
	if err != nil {
		return nil, err
	}
	if a.issued == nil || len(a.issued) >= maxIssued {
		a.issued = map[string]*tls.Certificate{}
	}
	a.issued[name] = cert
	return cert, nil
}

func (a *Authority) issue(name string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := a.sign(leaf("Postern", []string{name}), &key.PublicKey)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}, nil
}

// Issue certifies a public key for names, the first of which becomes the subject. The
// chain that it gives, in DER, leads from the certificate to the authority's own.
func (a *Authority) Issue(names []string, key crypto.PublicKey) ([][]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.ready(); err != nil {
		return nil, err
	}
	cert := leaf(names[0], names)
	// AWS: what its certificate manager issues is for both ends of a connection.
	cert.ExtKeyUsage = append(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	if _, ok := key.(*rsa.PublicKey); ok {
		cert.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	der, err := a.sign(cert, key)
	if err != nil {
		return nil, err
	}
	return [][]byte{der, a.cert.Raw}, nil
}

// leaf is a server's certificate, yet to be signed.
func leaf(subject string, names []string) *x509.Certificate {
	cert := template(pkix.Name{CommonName: subject}, leafTime)
	cert.KeyUsage = x509.KeyUsageDigitalSignature
	cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip, net.IPv4(127, 0, 0, 1), net.IPv6loopback)
		} else {
			cert.DNSNames = append(cert.DNSNames, name)
		}
	}
	return cert
}

func (a *Authority) sign(cert *x509.Certificate, key crypto.PublicKey) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key, a.key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", strings.Join(append(cert.DNSNames, cert.Subject.CommonName), ", "), err)
	}
	return der, nil
}

// ready loads the authority's key, or makes it.
func (a *Authority) ready() error {
	if a.cert != nil {
		return nil
	}
	if a.dir != "" {
		err := a.load()
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	root := template(pkix.Name{CommonName: "Postern local authority"}, authorityYears*365*24*time.Hour)
	root.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	root.BasicConstraintsValid, root.IsCA, root.MaxPathLenZero = true, true, true
	der, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("certificate of the local authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	if a.dir != "" {
		if err := save(a.dir, der, key); err != nil {
			return fmt.Errorf("keep the local authority: %w", err)
		}
	}
	a.cert, a.key = cert, key
	return nil
}

func template(subject pkix.Name, valid time.Duration) *x509.Certificate {
	now := time.Now()
	serial := make([]byte, 16)
	_, _ = rand.Read(serial) // never fails
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      subject,
		NotBefore:    now.Add(-time.Hour), // clocks of containers and VMs drift
		NotAfter:     now.Add(valid),
	}
}

func (a *Authority) load() error {
	pair, err := tls.LoadX509KeyPair(filepath.Join(a.dir, certFile), filepath.Join(a.dir, keyFile))
	if err != nil {
		return err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("%s holds no key of Postern's", filepath.Join(a.dir, keyFile))
	}
	a.cert, a.key = pair.Leaf, key
	return nil
}

// save writes the key first: a certificate without its key would be in the
// way at the next start, the reverse is overwritten.
func save(dir string, cert []byte, key *ecdsa.PrivateKey) error {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	if err := os.WriteFile(filepath.Join(dir, keyFile), keyPEM, 0o600); err != nil {
		return err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	return os.WriteFile(filepath.Join(dir, certFile), certPEM, 0o644)
}
