package apigateway

import (
	"slices"
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
)

var integrationPatches = patchTable[*Integration]{family: familyBare, rules: []patchRule[*Integration]{
	replaceText("/cacheNamespace", func(i *Integration) *string { return &i.CacheNamespace }),
	replaceText("/connectionId", func(i *Integration) *string { return &i.ConnectionID }),
	replaceEnum("/connectionType", []string{"INTERNET", "VPC_LINK"}, func(i *Integration) *string { return &i.ConnectionType }),
	// AWS: an empty value takes contentHandling away.
	replaceEnum("/contentHandling", []string{"CONVERT_TO_BINARY", "CONVERT_TO_TEXT", ""}, func(i *Integration) *string { return &i.ContentHandling }),
	replaceText("/integrationTarget", func(i *Integration) *string { return &i.Target }),
	replaceEnum("/passthroughBehavior", []string{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}, func(i *Integration) *string { return &i.PassthroughBehavior }),
	replaceEnum("/responseTransferMode", []string{"BUFFERED", "STREAM"}, func(i *Integration) *string { return &i.TransferMode }),
	replaceText("/credentials", func(i *Integration) *string { return &i.Credentials }),
	{path: "/timeoutInMillis", ops: opReplace, apply: func(i *Integration, p patch) error {
		n, err := strconv.Atoi(p.value)
		if err != nil {
			return awsapi.BadRequest("Timeout should be between %d ms and %d ms", minTimeoutMillis, maxTimeoutMillis)
		}
		i.TimeoutMillis = n
		return nil
	}},
	{path: "/tlsConfig/insecureSkipVerification", ops: opAddReplace, apply: func(i *Integration, p patch) error {
		i.InsecureSkipVerify = awsapi.Ptr(p.truth())
		return nil
	}},
	{path: "/httpMethod", ops: opReplace, apply: replaceUnlessMock(func(i *Integration) *string { return &i.HTTPMethod })},
	{path: "/uri", ops: opReplace, apply: replaceUnlessMock(func(i *Integration) *string { return &i.URI })},
	{path: "/cacheKeyParameters", ops: opAddReplaceRemove, apply: patchCacheKeys},
	{path: "/cacheKeyParameters/{}", ops: opAddReplaceRemove, apply: func(i *Integration, p patch) error {
		p.value = p.arg()
		return patchCacheKeys(i, p)
	}},
	mapRule("/requestParameters", func(i *Integration) *map[string]string { return &i.RequestParameters }, nil),
	mapRule("/requestTemplates", func(i *Integration) *map[string]string { return &i.RequestTemplates }, nil),
}}

func patchCacheKeys(i *Integration, p patch) error {
	i.CacheKeyParameters = without(i.CacheKeyParameters, p.value)
	if p.op != "remove" {
		i.CacheKeyParameters = append(i.CacheKeyParameters, p.value)
	}
	return nil
}

// replaceUnlessMock is for members that a mock integration does not have.
func replaceUnlessMock(member func(*Integration) *string) func(*Integration, patch) error {
	return func(i *Integration, p patch) error {
		if i.Type == "MOCK" {
			return awsapi.BadRequest("Invalid patch path %s", p.path)
		}
		*member(i) = p.value
		return nil
	}
}

// replaceEnum is the rule for a text member with a fixed set of values.
func replaceEnum[R any](path string, values []string, member func(rec R) *string) patchRule[R] {
	return patchRule[R]{path: path, ops: opReplace, apply: func(rec R, p patch) error {
		if !slices.Contains(values, p.value) {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Invalid value specified for %s: %s", path[1:], p.value)
		}
		*member(rec) = p.value
		return nil
	}}
}
