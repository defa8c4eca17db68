package apigateway

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// MethodSetting holds a stage's settings for one method, or for all of them.
type MethodSetting struct {
	MetricsEnabled                      bool
	LoggingLevel                        string // empty: never set
	DataTraceEnabled                    bool
	ThrottlingBurstLimit                int
	ThrottlingRateLimit                 float64
	CachingEnabled                      bool
	CacheTTLSeconds                     int
	CacheDataEncrypted                  bool
	RequireAuthorizationForCacheControl bool
	UnauthorizedCacheControl            string
}

// everyMethod is the key of the settings for methods that have none of their own.
const everyMethod = "*/*"

func defaultMethodSetting() *MethodSetting {
	return &MethodSetting{
		ThrottlingBurstLimit: 5000, ThrottlingRateLimit: 10000, CacheTTLSeconds: 300,
		RequireAuthorizationForCacheControl: true, UnauthorizedCacheControl: "SUCCEED_WITH_RESPONSE_HEADER",
	}
}

// frozenKey is the key of settings in the one form that the data plane looks for: the
// resource's path without its first slash, and the verb.
func frozenKey(key string) string {
	verb := strings.LastIndexByte(key, '/') // there is one in every key
	return strings.TrimPrefix(patch.Unescape(key[:verb]), "/") + key[verb:]
}

// settingFor gives the settings under a key, made on first use.
//
// AWS: the first write to a key fills in every default, taken from the settings
// for all methods as they are at that moment; later changes of those do not reach
// the key any more.
func (st *Stage) settingFor(key string) *MethodSetting {
	if ms := st.MethodSettings[key]; ms != nil {
		return ms
	}
	ms := defaultMethodSetting()
	if all := st.MethodSettings[everyMethod]; all != nil {
		*ms = *all
	}
	if st.MethodSettings == nil {
		st.MethodSettings = map[string]*MethodSetting{}
	}
	st.MethodSettings[key] = ms
	return ms
}

// settingSetters are the last two segments of a method setting's path.
var settingSetters = map[string]func(ms *MethodSetting, value string) error{
	"metrics/enabled":       func(ms *MethodSetting, v string) error { ms.MetricsEnabled = patch.True(v); return nil },
	"logging/dataTrace":     func(ms *MethodSetting, v string) error { ms.DataTraceEnabled = patch.True(v); return nil },
	"logging/loglevel":      setLogLevel,
	"caching/enabled":       func(ms *MethodSetting, v string) error { ms.CachingEnabled = patch.True(v); return nil },
	"caching/dataEncrypted": func(ms *MethodSetting, v string) error { ms.CacheDataEncrypted = patch.True(v); return nil },
	"caching/requireAuthorizationForCacheControl": func(ms *MethodSetting, v string) error {
		ms.RequireAuthorizationForCacheControl = patch.True(v)
		return nil
	},
	"caching/unauthorizedCacheControlHeaderStrategy": func(ms *MethodSetting, v string) error {
		return setOneOf(&ms.UnauthorizedCacheControl, v, "FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER")
	},
	"caching/ttlInSeconds": func(ms *MethodSetting, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 3600 {
			return awsapi.BadRequest("Invalid time-to-live setting, must be an integer no greater than 3600")
		}
		ms.CacheTTLSeconds = n
		return nil
	},
	"throttling/burstLimit": func(ms *MethodSetting, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil {
			return errSettingValue(v)
		}
		ms.ThrottlingBurstLimit = n
		return nil
	},
	"throttling/rateLimit": func(ms *MethodSetting, v string) error {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return errSettingValue(v)
		}
		ms.ThrottlingRateLimit = f
		return nil
	},
}

func setLogLevel(ms *MethodSetting, v string) error {
	return setOneOf(&ms.LoggingLevel, v, "OFF", "ERROR", "INFO")
}

func setOneOf(member *string, value string, allowed ...string) error {
	if !slices.Contains(allowed, value) {
		return errSettingValue(value)
	}
	*member = value
	return nil
}

// unverified against AWS: the text.
func errSettingValue(value string) error {
	return awsapi.BadRequest("Invalid method setting value: %s", value)
}

func (ms *MethodSetting) wire() wire.MethodSetting {
	return wire.MethodSetting{
		MetricsEnabled: &ms.MetricsEnabled, LoggingLevel: awsapi.NonEmpty(ms.LoggingLevel), DataTraceEnabled: &ms.DataTraceEnabled,
		ThrottlingBurstLimit: &ms.ThrottlingBurstLimit, ThrottlingRateLimit: &ms.ThrottlingRateLimit,
		CachingEnabled: &ms.CachingEnabled, CacheTtlInSeconds: &ms.CacheTTLSeconds, CacheDataEncrypted: &ms.CacheDataEncrypted,
		RequireAuthorizationForCacheControl:    &ms.RequireAuthorizationForCacheControl,
		UnauthorizedCacheControlHeaderStrategy: &ms.UnauthorizedCacheControl,
	}
}
