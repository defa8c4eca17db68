package oidc

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

const (
	algorithm = jose.RS256
	keyBits   = 2048
	keyFile   = "oidc-key.pem"
)

// keys holds the one key of an issuer.
type keys struct {
	dir string

	mu  sync.Mutex
	key *jose.JSONWebKey // private
}

// private gives the key, made or loaded when it is first asked for.
func (k *keys) private() (*jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	key, err := k.load()
	if errors.Is(err, fs.ErrNotExist) {
		key, err = k.make()
	}
	if err != nil {
		return nil, fmt.Errorf("key of the token issuer: %w", err)
	}
	out := &jose.JSONWebKey{Key: key, Algorithm: string(algorithm), Use: "sig"}
	print, err := out.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("key of the token issuer: %w", err)
	}
	out.KeyID = base64.RawURLEncoding.EncodeToString(print)
	k.key = out
	return out, nil
}

// public gives the key set that verifies the issuer's tokens.
func (k *keys) public() (*jose.JSONWebKeySet, error) {
	key, err := k.private()
	if err != nil {
		return nil, err
	}
	return &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}, nil
}

func (k *keys) load() (*rsa.PrivateKey, error) {
	if k.dir == "" {
		return nil, fs.ErrNotExist
	}
	text, err := os.ReadFile(filepath.Join(k.dir, keyFile))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s has no key", keyFile)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyFile, err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s has no RSA key", keyFile)
	}
	return key, nil
}

func (k *keys) make() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil || k.dir == "" {
		return key, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	// Renamed into place: a crash leaves no half key behind.
	path := filepath.Join(k.dir, keyFile)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return nil, err
	}
	return key, os.Rename(path+".new", path)
}
