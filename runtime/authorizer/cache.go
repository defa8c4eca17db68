package authorizer

import (
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
)

// maxResults bounds the results that are kept at once, over all APIs.
const maxResults = 10_000

// Cache keeps what Lambda authorizers returned. It outlives stages.
type Cache struct {
	now     func() time.Time
	results *otter.Cache[string, *result]
}

// NewCache makes an empty cache on the given clock.
func NewCache(now func() time.Time) *Cache {
	return &Cache{now: now, results: otter.Must(&otter.Options[string, *result]{MaximumSize: maxResults})}
}

func (c *Cache) get(key string) *result {
	r, ok := c.results.GetIfPresent(key)
	if !ok || !c.now().Before(r.expires) {
		return nil
	}
	return r
}

func (c *Cache) put(key string, r *result, ttl time.Duration) {
	kept := *r
	kept.expires = c.now().Add(ttl)
	c.results.Set(key, &kept)
}

// cacheKey is AWS's: the authorizer, the stage and the identity sources' values.
func cacheKey(apiID, stage, authorizerID string, values []string) string {
	return stageKey(apiID, stage) + authorizerID + "\x00" + strings.Join(values, "\x00")
}

func stageKey(apiID, stage string) string { return apiID + "\x00" + stage + "\x00" }

// Reset forgets the results of a stage.
func (c *Cache) Reset(apiID, stage string) {
	prefix := stageKey(apiID, stage)
	for key := range c.results.Keys() {
		if strings.HasPrefix(key, prefix) {
			c.results.Invalidate(key)
		}
	}
}

// ResetAll forgets every result.
func (c *Cache) ResetAll() { c.results.InvalidateAll() }
