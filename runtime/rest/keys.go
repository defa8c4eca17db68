package rest

import (
	"errors"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/throttle"
)

// apiKey asks the usage plan of the caller's key.
type apiKey struct {
	usage          Usage
	fromAuthorizer bool // apiKeySource AUTHORIZER
	method         string
}

func (c *compiler) keys(method string) keyCheck {
	if c.deps.Usage == nil {
		return noKeys{}
	}
	return &apiKey{usage: c.deps.Usage, fromAuthorizer: c.api.APIKeySource == "AUTHORIZER", method: method}
}

func (k *apiKey) Check(c *call) error {
	value := c.rc.Authorizer.UsageKey
	if !k.fromAuthorizer {
		value = c.r.Header.Get("X-Api-Key")
	}
	id, err := k.usage.Use(value, c.rc.APIID, c.rc.Stage, k.method)
	if err != nil {
		return err
	}
	c.rc.Identity.APIKey, c.rc.Identity.APIKeyID = value, id
	return nil
}

// noKeys refuses every request to a method that needs an API key: none is known.
type noKeys struct{}

var errNoKeys = errors.New("no API keys are known")

func (noKeys) Check(*call) error { return gwerr.New(gwerr.InvalidAPIKey, errNoKeys) }

// bucket is a stage's throttle of one method.
type bucket struct{ *throttle.Bucket }

func (b bucket) Allow(c *call) error { return b.Bucket.Allow(c.rc) }

// limits finds a method's throttle in the stage's settings: its own, or the one for
// every method, which those methods share.
//
// AWS: a limit below zero is none.
func (c *compiler) limits(path, verb string) limiter {
	key := strings.TrimPrefix(path, "/") + "/" + verb
	ms, ok := c.stage.REST.MethodSettings[key]
	if !ok {
		key = "*/*"
		if ms, ok = c.stage.REST.MethodSettings[key]; !ok {
			return open{}
		}
	}
	if ms.ThrottlingRateLimit < 0 || ms.ThrottlingBurstLimit < 0 {
		return open{}
	}
	return bucket{c.buckets.Bucket(c.stage.API.ID+"/"+c.stage.Name+" "+key, ms.ThrottlingRateLimit, ms.ThrottlingBurstLimit)}
}
