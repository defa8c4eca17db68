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
	// maxKeys is how many keys the set has at most: the one that signs, and those
	// before it.
	maxKeys = 4
)

// keys holds the keys of an issuer. The first one signs.
type keys struct {
	dir string

	mu   sync.Mutex
	list []jose.JSONWebKey // private
}

// private gives all keys, made or loaded when they are first asked for.
func (k *keys) private() ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held()
}

// public gives the key set that verifies the issuer's tokens.
func (k *keys) public() (*jose.JSONWebKeySet, error) {
	list, err := k.private()
	if err != nil {
		return nil, err
	}
	set := &jose.JSONWebKeySet{}
	for _, key := range list {
		set.Keys = append(set.Keys, key.Public())
	}
	return set, nil
}

// rotate puts a new key before the others, and drops the oldest where there are many.
func (k *keys) rotate() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	former, err := k.held()
	if err != nil {
		return err
	}
	_, err = k.add(former[:min(len(former), maxKeys-1)])
	return err
}

// held is private for those who have the lock.
func (k *keys) held() ([]jose.JSONWebKey, error) {
	if k.list != nil {
		return k.list, nil
	}
	list, err := k.load()
	if errors.Is(err, fs.ErrNotExist) {
		return k.add(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("keys of the token issuer: %w", err)
	}
	k.list = list
	return list, nil
}

// add makes a key and takes it up once it is written down.
func (k *keys) add(former []jose.JSONWebKey) ([]jose.JSONWebKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("keys of the token issuer: %w", err)
	}
	first, err := named(key)
	if err != nil {
		return nil, fmt.Errorf("keys of the token issuer: %w", err)
	}
	list := append([]jose.JSONWebKey{first}, former...)
	if err := k.save(list); err != nil {
		return nil, fmt.Errorf("keys of the token issuer: %w", err)
	}
	k.list = list
	return list, nil
}

// named gives a key its id, which follows from the key.
func named(key *rsa.PrivateKey) (jose.JSONWebKey, error) {
	out := jose.JSONWebKey{Key: key, Algorithm: string(algorithm), Use: "sig"}
	print, err := out.Thumbprint(crypto.SHA256)
	out.KeyID = base64.RawURLEncoding.EncodeToString(print)
	return out, err
}

func (k *keys) load() ([]jose.JSONWebKey, error) {
	if k.dir == "" {
		return nil, fs.ErrNotExist
	}
	text, err := os.ReadFile(filepath.Join(k.dir, keyFile))
	if err != nil {
		return nil, err
	}
	var list []jose.JSONWebKey
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", keyFile, err)
		}
		key, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("%s has a key that is not RSA", keyFile)
		}
		one, err := named(key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", keyFile, err)
		}
		list = append(list, one)
	}
	if list == nil {
		return nil, fmt.Errorf("%s has no key", keyFile)
	}
	return list, nil
}

func (k *keys) save(list []jose.JSONWebKey) error {
	if k.dir == "" {
		return nil
	}
	var text []byte
	for _, key := range list {
		der, err := x509.MarshalPKCS8PrivateKey(key.Key)
		if err != nil {
			return err
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
	}
	// Renamed into place: a crash leaves no half key behind.
	path := filepath.Join(k.dir, keyFile)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
