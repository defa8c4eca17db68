package authorizer

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// AWS's limits of discovery and key sets.
const (
	fetchTimeout = 1500 * time.Millisecond
	maxKeySet    = 150_000
	keepKeys     = 2 * time.Hour
	// retryKeys is how soon a key that was not found is looked for again: often
	// enough for an issuer that was just restarted, seldom enough that tokens with
	// made-up key ids do not turn into load on it.
	retryKeys = time.Second
)

const (
	errDiscovery tokenError = "OIDC discovery endpoint communication error"
	errKeySet    tokenError = "JWKS communication error"
)

// KeySets keeps the signing keys of issuers. It outlives stages.
type KeySets struct {
	client *http.Client
	now    func() time.Time
	flight singleflight.Group
	mu     sync.Mutex
	sets   map[string]*keySet
}

type keySet struct {
	keys    map[string]*rsa.PublicKey
	fetched time.Time
}

// NewKeySets makes an empty collection; client nil means one of its own.
func NewKeySets(client *http.Client, now func() time.Time) *KeySets {
	if client == nil {
		client = &http.Client{Timeout: fetchTimeout}
	}
	return &KeySets{client: client, now: now, sets: map[string]*keySet{}}
}

// Key gives an issuer's key, fetching the key set where it is not known or too old.
func (k *KeySets) Key(ctx context.Context, issuer, kid string) (*rsa.PublicKey, error) {
	set := k.known(issuer)
	if set != nil {
		age := k.now().Sub(set.fetched)
		if key := set.keys[kid]; key != nil && age < keepKeys {
			return key, nil
		}
		if age < retryKeys {
			return nil, errKey
		}
	}
	// One caller that goes away shall not fail the others that wait with it.
	ctx = context.WithoutCancel(ctx)
	v, err, _ := k.flight.Do(issuer, func() (any, error) { return k.fetch(ctx, issuer) })
	if err != nil {
		return nil, err
	}
	if key := v.(*keySet).keys[kid]; key != nil {
		return key, nil
	}
	return nil, errKey
}

func (k *KeySets) known(issuer string) *keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sets[issuer]
}

// Reset forgets every key.
func (k *KeySets) Reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.sets)
}

func (k *KeySets) fetch(ctx context.Context, issuer string) (*keySet, error) {
	var discovery struct {
		JWKSURI string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil || discovery.JWKSURI == "" {
		return nil, errDiscovery
	}
	var doc struct {
		Keys []jwk `json:"keys"`
	}
	if err := k.get(ctx, discovery.JWKSURI, &doc); err != nil {
		return nil, errKeySet
	}
	set := &keySet{keys: map[string]*rsa.PublicKey{}, fetched: k.now()}
	for _, key := range doc.Keys {
		if public, err := key.public(); err == nil {
			set.keys[key.Kid] = public
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sets[issuer] = set
	return set, nil
}

func (k *KeySets) get(ctx context.Context, url string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := k.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d", url, res.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxKeySet+1))
	if err != nil {
		return err
	}
	if len(b) > maxKeySet {
		return fmt.Errorf("%s is over %d bytes", url, maxKeySet)
	}
	return json.Unmarshal(b, into)
}

// jwk is one RSA key of a key set.
type jwk struct {
	Kty, Kid, Use, N, E string
}

var errNotRSA = errors.New("not an RSA signing key")

func (k jwk) public() (*rsa.PublicKey, error) {
	if k.Kty != "RSA" || k.Use != "" && k.Use != "sig" {
		return nil, errNotRSA
	}
	n, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.N, "="))
	if err != nil {
		return nil, err
	}
	e, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.E, "="))
	if err != nil {
		return nil, err
	}
	exponent := new(big.Int).SetBytes(e)
	if len(n) == 0 || !exponent.IsInt64() || exponent.Int64() < 3 || exponent.Int64() > 1<<31-1 {
		return nil, errNotRSA
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
}
