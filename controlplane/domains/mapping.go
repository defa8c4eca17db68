package domains

import (
	"net/http"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

const (
	maxKey        = 300
	maxMultiLevel = 200 // mappings of several levels of one domain
)

var keyCharacters = lazyregexp.New(`^[A-Za-z0-9$_.+!*'()/-]*$`)

// checkKey judges the key of a mapping, or a base path of a routing rule.
func checkKey(key string) error {
	switch {
	case strings.HasPrefix(key, "/"), strings.Contains(key, "//"):
		return awsapi.BadRequest("API mapping key should not start with a '/' or have consecutive '/'s.")
	case strings.HasSuffix(key, "/"):
		return awsapi.BadRequest("API mapping key should not end with a '/'.")
	case !keyCharacters().MatchString(key):
		return awsapi.BadRequest("An ApiMapping key may contain only letters, numbers and one of $-_.+!*'(),")
	case len(key) > maxKey:
		// unverified against AWS: the text.
		return awsapi.BadRequest("An ApiMapping key may have at most %d characters", maxKey)
	}
	return nil
}

// keepMapping checks a mapping against the domain's others and stores it. taken is the
// error for a key that another one has.
func (tx *txn) keepMapping(d *Domain, m *Mapping, taken error) error {
	if err := checkKey(m.Key); err != nil {
		return err
	}
	kind, _ := tx.s.APIs.Kind(tx.Tx, tx.scope, m.APIID)
	socket := kind == snapshot.KindWebSocket
	deep := strings.Contains(m.Key, "/")
	levels := 0
	for _, other := range tx.mappingsOf(d) {
		if other.ID == m.ID {
			continue
		}
		if other.Key == m.Key {
			return taken
		}
		if strings.Contains(other.Key, "/") {
			levels++
		}
		if kind, _ := tx.s.APIs.Kind(tx.Tx, tx.scope, other.APIID); (kind == snapshot.KindWebSocket) != socket {
			// unverified against AWS: the text.
			return awsapi.BadRequest("WebSocket APIs cannot share a domain name with REST or HTTP APIs")
		}
	}
	switch {
	// unverified against AWS: these texts.
	case socket && deep:
		return awsapi.BadRequest("Multi-level API mappings are not supported for WebSocket APIs")
	case deep && !d.servesHTTP() && !d.has(private), kind != snapshot.KindREST && !d.servesHTTP():
		return errNeedsRegional
	case deep && levels >= maxMultiLevel:
		return &awsapi.Error{Code: "TooManyRequestsException", Message: "Maximum number of multi-level API mappings for this domain name has been reached", Status: http.StatusTooManyRequests}
	}
	mappings.Put(tx.Tx, tx.scope, d.key()+"/"+m.ID, m)
	return nil
}
