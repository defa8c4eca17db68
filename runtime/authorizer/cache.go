package authorizer

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"
)

// maxResults bounds the results that are kept at once, over all APIs.
const maxResults = 10_000

// Cache keeps what Lambda authorizers returned. It outlives stages.
type Cache struct {
	now     func() time.Time
	results *otter.Cache[string, *result]
	flight  singleflight.Group
	resets  atomic.Uint64
}

// NewCache makes an empty cache on the given clock.
func NewCache(now func() time.Time) *Cache {
	return &Cache{now: now, results: otter.Must(&otter.Options[string, *result]{MaximumSize: maxResults})}
}

// result gives what is kept under the key, or asks and keeps the answer. Requests that
// come meanwhile wait for the one that asks. Asked tells whether this one did.
//
// AWS: refusals are kept like permissions, errors are not.
func (c *Cache) result(ctx context.Context, key string, ttl time.Duration, ask func(context.Context) (*result, error)) (r *result, asked bool, err error) {
	if r := c.get(key); r != nil {
		return r, false, nil
	}
	// A caller that goes away must not fail those that wait with it.
	ctx = context.WithoutCancel(ctx)
	v, err, _ := c.flight.Do(key, func() (any, error) {
		asked = true
		before := c.resets.Load()
		r, err := ask(ctx)
		// What was asked before a reset is forgotten like all the rest.
		if err == nil && c.resets.Load() == before {
			kept := *r
			kept.expires = c.now().Add(ttl)
			c.results.Set(key, &kept)
		}
		return r, err
	})
	if err != nil {
		return nil, asked, err
	}
	return v.(*result), asked, nil
}

func (c *Cache) get(key string) *result {
	r, ok := c.results.GetIfPresent(key)
	if !ok || !c.now().Before(r.expires) {
		return nil
	}
	return r
}

// cacheKey is AWS's: the authorizer, the stage and the identity sources' values; and
// the form of what the function is asked.
// Each value stands behind its length, lest two lists of values look the same.
func cacheKey(apiID, stage, authorizerID, form string, values []string) string {
	key := make([]byte, 0, 256)
	for _, s := range [...]string{apiID, stage, authorizerID, form} {
		key = append(key, s...)
		key = append(key, 0)
	}
	for _, v := range values {
		key = strconv.AppendInt(key, int64(len(v)), 10)
		key = append(key, ' ')
		key = append(key, v...)
	}
	return string(key)
}

func stageKey(apiID, stage string) string { return apiID + "\x00" + stage + "\x00" }

// Reset forgets the results of a stage.
func (c *Cache) Reset(apiID, stage string) {
	c.resets.Add(1)
	prefix := stageKey(apiID, stage)
	for key := range c.results.Keys() {
		if strings.HasPrefix(key, prefix) {
			c.results.Invalidate(key)
		}
	}
}

// ResetAll forgets every result.
func (c *Cache) ResetAll() {
	c.resets.Add(1)
	c.results.InvalidateAll()
}
