package rest

import (
	"errors"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/snapshot"
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
		c.log.keyRefused(id, err)
		return err
	}
	c.rc.Identity.APIKey, c.rc.Identity.APIKeyID = value, id
	return nil
}

// noKeys refuses every request to a method that needs an API key: none is known.
type noKeys struct{}

var errNoKeys = errors.New("no API keys are known")

func (noKeys) Check(*call) error { return gwerr.New(gwerr.InvalidAPIKey, errNoKeys) }

// settingsKey is the name of a method's settings.
func settingsKey(path, verb string) string { return strings.TrimPrefix(path, "/") + "/" + verb }

// settings finds a method's settings among the stage's: for the verb, for the method
// as it is configured, or those for every method. An empty key says that there are none.
func (c *compiler) settings(path, configured, verb string) (ms snapshot.RESTMethodSettings, key string) {
	for _, key := range [...]string{settingsKey(path, verb), settingsKey(path, configured), "*/*"} {
		if ms, ok := c.stage.REST.MethodSettings[key]; ok {
			return ms, key
		}
	}
	return ms, ""
}

// limits makes the throttle of settings. Methods that share the settings share it.
//
// AWS: a limit below zero is none. What is left to every method is the account's own.
func (c *compiler) limits(ms snapshot.RESTMethodSettings, key string) throttle.Limit {
	limit := throttle.Limit{Account: c.deps.Accounts.Of(c.stage.API.AccountID, c.stage.API.Region)}
	if key != "" && ms.ThrottlingRateLimit >= 0 && ms.ThrottlingBurstLimit >= 0 {
		limit.Bucket = c.buckets.Bucket(c.stage.API.ID+"/"+c.stage.Name+" "+key, ms.ThrottlingRateLimit, ms.ThrottlingBurstLimit)
	}
	return limit
}
