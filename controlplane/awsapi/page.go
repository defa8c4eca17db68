package awsapi

import (
	"encoding/base64"
	"strconv"
)

// Page cuts items to one page. token is what the previous page's next was; an
// unreadable token yields ok=false and the service answers its own error. A limit
// of 0 or below means def; above max means max.
func Page[T any](items []T, token string, limit, def, max int) (page []T, next string, ok bool) {
	start := 0
	if token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) < 3 || string(raw[:2]) != "p:" {
			return nil, "", false
		}
		start, err = strconv.Atoi(string(raw[2:]))
		if err != nil || start < 0 {
			return nil, "", false
		}
	}
	if limit <= 0 {
		limit = def
	}
	limit = min(limit, max)
	start = min(start, len(items))
	end := min(start+limit, len(items))
	if end < len(items) {
		next = base64.RawURLEncoding.EncodeToString([]byte("p:" + strconv.Itoa(end)))
	}
	return items[start:end], next, true
}
