package awsapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
)

// Page cuts items to one page. token is what the previous page's next was; an
// unreadable token yields ok=false and the service answers its own error. A limit
// of 0 or below means def; above max means max.
//
// A token names the item that comes next, so that who deletes what a page showed before
// asking for the next one misses nothing; where that item is gone or has changed, its
// place counts.
func Page[T any](items []T, token string, limit, def, max int) (page []T, next string, ok bool) {
	start := 0
	if token != "" {
		if start, ok = resume(items, token); !ok {
			return nil, "", false
		}
	}
	if limit <= 0 {
		limit = def
	}
	limit = min(limit, max)
	end := min(start+limit, len(items))
	if end < len(items) {
		next = newToken(end, fingerprint(items[end]))
	}
	return items[start:end], next, true
}

const tokenForm = "p:%d:%x"

func newToken(place int, item uint64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, tokenForm, place, item))
}

// resume finds where a token's page begins.
func resume[T any](items []T, token string) (start int, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	var wanted uint64
	_, err = fmt.Sscanf(string(raw), tokenForm, &start, &wanted)
	if err != nil || start < 0 || token != newToken(start, wanted) { // Sscanf takes more than there should be
		return 0, false
	}
	start = min(start, len(items))
	for i := min(start, len(items)-1); i >= 0; i-- { // items before it may be gone
		if fingerprint(items[i]) == wanted {
			return i, true
		}
	}
	for i := start; i < len(items); i++ { // or new
		if fingerprint(items[i]) == wanted {
			return i, true
		}
	}
	return start, true
}

// fingerprint tells items of a list apart.
func fingerprint(item any) uint64 {
	h := fnv.New64a()
	// What has no JSON is known by its place alone.
	_ = json.NewEncoder(h).Encode(item)
	return h.Sum64()
}
