package apigateway

import (
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
)

var integrationPatches = patch.Table[*Integration]{Family: patch.Bare, Rules: []patch.Rule[*Integration]{
	patch.Text("/cacheNamespace", func(i *Integration) *string { return &i.CacheNamespace }),
	patch.Text("/connectionId", func(i *Integration) *string { return &i.ConnectionID }),
	patch.Enum("/connectionType", []string{"INTERNET", "VPC_LINK"}, func(i *Integration) *string { return &i.ConnectionType }),
	// AWS: an empty value takes contentHandling away.
	patch.Enum("/contentHandling", []string{"CONVERT_TO_BINARY", "CONVERT_TO_TEXT", ""}, func(i *Integration) *string { return &i.ContentHandling }),
	patch.Text("/integrationTarget", func(i *Integration) *string { return &i.Target }),
	patch.Enum("/passthroughBehavior", passthroughBehaviors, func(i *Integration) *string { return &i.PassthroughBehavior }),
	patch.Enum("/responseTransferMode", []string{"BUFFERED", "STREAM"}, func(i *Integration) *string { return &i.TransferMode }),
	patch.Text("/credentials", func(i *Integration) *string { return &i.Credentials }),
	{Path: "/timeoutInMillis", Ops: patch.Replace, Apply: func(i *Integration, p patch.Op) error {
		n, err := strconv.Atoi(p.Value)
		if err != nil {
			return awsapi.BadRequest("Timeout should be between %d ms and %d ms", minTimeoutMillis, maxTimeoutMillis)
		}
		i.TimeoutMillis = n
		return nil
	}},
	{Path: "/tlsConfig/insecureSkipVerification", Ops: patch.AddReplace, Apply: func(i *Integration, p patch.Op) error {
		i.InsecureSkipVerify = awsapi.Ptr(p.Truth())
		return nil
	}},
	{Path: "/httpMethod", Ops: patch.Replace, Apply: replaceUnlessMock(func(i *Integration) *string { return &i.HTTPMethod })},
	{Path: "/uri", Ops: patch.Replace, Apply: replaceUnlessMock(func(i *Integration) *string { return &i.URI })},
	{Path: "/cacheKeyParameters", Ops: patch.AddReplaceRemove, Apply: patchCacheKeys},
	{Path: "/cacheKeyParameters/{}", Ops: patch.AddReplaceRemove, Apply: func(i *Integration, p patch.Op) error {
		p.Value = p.Arg()
		return patchCacheKeys(i, p)
	}},
	patch.Map("/requestParameters", func(i *Integration) *map[string]string { return &i.RequestParameters }, nil),
	patch.Map("/requestTemplates", func(i *Integration) *map[string]string { return &i.RequestTemplates }, nil),
}}

func patchCacheKeys(i *Integration, p patch.Op) error {
	i.CacheKeyParameters = without(i.CacheKeyParameters, p.Value)
	if p.Op != "remove" {
		i.CacheKeyParameters = append(i.CacheKeyParameters, p.Value)
	}
	return nil
}

// replaceUnlessMock is for members that a mock integration does not have.
func replaceUnlessMock(member func(*Integration) *string) func(*Integration, patch.Op) error {
	return func(i *Integration, p patch.Op) error {
		if i.Type == "MOCK" {
			return awsapi.BadRequest("Invalid patch path %s", p.Path)
		}
		*member(i) = p.Value
		return nil
	}
}
