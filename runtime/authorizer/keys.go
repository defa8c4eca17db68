package authorizer

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// AWS's limits of discovery and key sets.
const (
	fetchTimeout = 1500 * time.Millisecond
	maxKeySet    = 150_000
	keepKeys     = 2 * time.Hour
	// retryKeys is how often keys that are not known are looked for, retryBurst how
	// often at once: enough for an issuer that changes its keys from one token to the
	// next, and little enough that made-up key ids do not turn into load on it.
	retryKeys  = time.Second
	retryBurst = 5
)

const (
	errDiscovery tokenError = "OIDC discovery endpoint communication error"
	errKeySet    tokenError = "JWKS communication error"
)

// KeySets keeps the signing keys of issuers. It outlives stages.
type KeySets struct {
	client *http.Client
	now    func() time.Time
	// Locate gives the address at which an issuer's URL is reached, where that is
	// another one. It is set before the first key is asked for; nil: URLs are
	// addresses.
	Locate func(url string) string
	flight singleflight.Group
	mu     sync.Mutex
	sets   map[string]*keySet
}

type keySet struct {
	keys    map[string]*rsa.PublicKey
	fetched time.Time
	retries *rate.Limiter // the issuer's own: it goes on from set to set
}

// NewKeySets makes an empty collection; client nil means one of its own.
func NewKeySets(client *http.Client, now func() time.Time) *KeySets {
	if client == nil {
		client = &http.Client{Timeout: fetchTimeout}
	}
	return &KeySets{client: client, now: now, sets: map[string]*keySet{}}
}

func (k *KeySets) locate(url string) string {
	if k.Locate == nil {
		return url
	}
	return k.Locate(url)
}

// Key gives an issuer's key, which it finds by the issuer's discovery document.
func (k *KeySets) Key(ctx context.Context, issuer, kid string) (*rsa.PublicKey, error) {
	return k.key(ctx, issuer, kid, func(ctx context.Context) (*keySet, error) {
		keys, err := k.Discover(ctx, issuer)
		if err != nil {
			return nil, err
		}
		return k.fetch(ctx, keys)
	})
}

// Discover reads an issuer's discovery document and gives the address of its keys.
func (k *KeySets) Discover(ctx context.Context, issuer string) (keys string, err error) {
	var discovery struct {
		JWKSURI string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil || discovery.JWKSURI == "" {
		return "", errDiscovery
	}
	return discovery.JWKSURI, nil
}

// PoolKey gives the key of a Cognito user pool, whose key set stands at a fixed place.
func (k *KeySets) PoolKey(ctx context.Context, issuer, kid string) (*rsa.PublicKey, error) {
	url := issuer + "/.well-known/jwks.json"
	return k.key(ctx, url, kid, func(ctx context.Context) (*keySet, error) { return k.fetch(ctx, url) })
}

// key finds a key, fetching the set where the key is not known or too old.
func (k *KeySets) key(ctx context.Context, name, kid string, fetch func(context.Context) (*keySet, error)) (*rsa.PublicKey, error) {
	if set := k.known(name); set != nil {
		now := k.now()
		if current := now.Sub(set.fetched) < keepKeys; current {
			if key := set.keys[kid]; key != nil {
				return key, nil
			}
			if !set.retries.AllowN(now, 1) {
				return nil, errKey
			}
		}
	}
	// One caller that goes away shall not fail the others that wait with it.
	ctx = context.WithoutCancel(ctx)
	v, err, _ := k.flight.Do(name, func() (any, error) {
		set, err := fetch(ctx)
		if err == nil {
			k.mu.Lock()
			defer k.mu.Unlock()
			if last := k.sets[name]; last != nil {
				set.retries = last.retries
			}
			k.sets[name] = set
		}
		return set, err
	})
	if err != nil {
		return nil, err
	}
	if key := v.(*keySet).keys[kid]; key != nil {
		return key, nil
	}
	return nil, errKey
}

func (k *KeySets) known(name string) *keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sets[name]
}

// Reset forgets every key.
func (k *KeySets) Reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.sets)
}

// fetch reads a key set.
func (k *KeySets) fetch(ctx context.Context, url string) (*keySet, error) {
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(ctx, url, &doc); err != nil {
		return nil, errKeySet
	}
	return &keySet{keys: signatureKeys(doc.Keys), fetched: k.now(), retries: rate.NewLimiter(rate.Every(retryKeys), retryBurst)}, nil
}

// signatureKeys leaves aside the keys that are not for RSA signatures.
func signatureKeys(list []json.RawMessage) map[string]*rsa.PublicKey {
	out := map[string]*rsa.PublicKey{}
	for _, raw := range list {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err != nil || key.Use != "" && key.Use != "sig" {
			continue
		}
		if public, ok := key.Key.(*rsa.PublicKey); ok && key.KeyID != "" {
			out[key.KeyID] = public
		}
	}
	return out
}

func (k *KeySets) get(ctx context.Context, url string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.locate(url), nil)
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
