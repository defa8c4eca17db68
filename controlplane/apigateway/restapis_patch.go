package apigateway

import (
	"slices"
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// AWS: https://github.com/aws/aws-cdk/issues/9684
var errVPCEndpoints = awsapi.BadRequest("VPCEndpoints can only be specified with PRIVATE apis.")

var errCompression = awsapi.BadRequest("Invalid minimum compression size, must be between 0 and 10485760")

var (
	endpointTypes = []string{"REGIONAL", "EDGE", "PRIVATE"}
	// unverified against AWS: the text.
	errKeySource    = awsapi.BadRequest("Invalid API key source specified. Valid options are HEADER,AUTHORIZER")
	errEndpointType = awsapi.BadRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
)

func validCompression(size int) bool { return size >= 0 && size <= 10485760 }

// setEndpoint checks and takes the endpoint configuration of a new API.
func (a *RestAPI) setEndpoint(in *wire.EndpointConfiguration) error {
	a.EndpointType, a.IPAddressType = "EDGE", "ipv4"
	if in == nil {
		return nil
	}
	switch {
	case in.Types != nil && len(in.Types) == 0:
		return awsapi.BadRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
	case len(in.Types) > 1:
		return awsapi.BadRequest("Cannot create an api with multiple Endpoint Types.")
	case len(in.Types) == 1:
		a.EndpointType = in.Types[0]
	}
	if !slices.Contains(endpointTypes, a.EndpointType) {
		return errEndpointType // of a document: the model has judged others
	}
	if a.EndpointType == "PRIVATE" {
		a.IPAddressType = "dualstack"
	}
	if in.IpAddressType != nil {
		a.IPAddressType = *in.IpAddressType
	}
	if len(in.VpcEndpointIds) > 0 && a.EndpointType != "PRIVATE" {
		return errVPCEndpoints
	}
	a.VPCEndpointIDs = in.VpcEndpointIds
	return a.checkIPAddressType()
}

func (a *RestAPI) checkIPAddressType() error {
	if a.EndpointType == "PRIVATE" && a.IPAddressType != "dualstack" {
		return awsapi.BadRequest("Only dualstack ipAddressType is supported for Private APIs.")
	}
	return nil
}

type restAPIPatch struct {
	tx  *txn
	api *RestAPI
}

var restAPIPatches = patch.Table[restAPIPatch]{Family: patch.Bare, Rules: []patch.Rule[restAPIPatch]{
	{Path: "/name", Ops: patch.Replace, Apply: func(r restAPIPatch, p patch.Op) error {
		if p.Value == "" {
			// unverified against AWS: the text.
			return awsapi.BadRequest("API Name cannot be blank")
		}
		r.api.Name = p.Value
		return nil
	}},
	{Path: "/description", Ops: patch.AddReplaceRemove, Apply: func(r restAPIPatch, p patch.Op) error {
		r.api.Description = p.Value
		if p.Op == "remove" {
			r.api.Description = ""
		}
		return nil
	}},
	{Path: "/apiKeySource", Ops: patch.Replace, Apply: func(r restAPIPatch, p patch.Op) error {
		if p.Value != "HEADER" && p.Value != "AUTHORIZER" {
			return errKeySource
		}
		r.api.APIKeySource = p.Value
		return nil
	}},
	{Path: "/disableExecuteApiEndpoint", Ops: patch.Replace, Apply: func(r restAPIPatch, p patch.Op) error {
		r.api.DisableExecuteAPI = p.Truth()
		return nil
	}},
	{Path: "/policy", Ops: patch.Replace, Apply: func(r restAPIPatch, p patch.Op) error {
		policy, err := r.tx.normalPolicy(r.api.ID, p.Value)
		r.api.Policy = policy
		return err
	}},
	patch.Enum("/securityPolicy", patch.Values(&wire.CreateRestApiInput{}, "SecurityPolicy"), func(r restAPIPatch) *string { return &r.api.SecurityPolicy }),
	patch.Enum("/endpointAccessMode", patch.Values(&wire.CreateRestApiInput{}, "EndpointAccessMode"), func(r restAPIPatch) *string { return &r.api.EndpointAccessMode }),
	{Path: "/minimumCompressionSize", Ops: patch.Replace, Apply: func(r restAPIPatch, p patch.Op) error {
		if p.Value == "" {
			r.api.MinimumCompressionSize = nil
			return nil
		}
		size, err := strconv.Atoi(p.Value)
		if err != nil || !validCompression(size) {
			return errCompression
		}
		r.api.MinimumCompressionSize = &size
		return nil
	}},
	{Path: "/binaryMediaTypes/{}", Ops: patch.AddReplaceRemove, Apply: patchBinaryMediaTypes},
	{Path: "/endpointConfiguration/types/{}", Ops: patch.Replace, Apply: patchEndpointType,
		Refusal: "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
	{Path: "/endpointConfiguration/ipAddressType", Ops: patch.Replace, Apply: func(r restAPIPatch, p patch.Op) error {
		if p.Value != "ipv4" && p.Value != "dualstack" {
			return awsapi.BadRequest("ipAddressType must be either ipv4 or dualstack.")
		}
		r.api.IPAddressType = p.Value
		return r.api.checkIPAddressType()
	}},
	{Path: "/endpointConfiguration/vpcEndpointIds", Ops: patch.AddRemove, Apply: func(r restAPIPatch, p patch.Op) error {
		if r.api.EndpointType != "PRIVATE" {
			return errVPCEndpoints
		}
		r.api.VPCEndpointIDs = without(r.api.VPCEndpointIDs, p.Value)
		if p.Op == "add" {
			r.api.VPCEndpointIDs = append(r.api.VPCEndpointIDs, p.Value)
		}
		return nil
	}},
}}

// patchBinaryMediaTypes treats the list as a map of media types.
//
// AWS: add takes the path's last segment and ignores the value, so that the
// JSON-Patch habit of "/-" stores the type "-"; replace drops the addressed entry
// and appends the value.
func patchBinaryMediaTypes(r restAPIPatch, p patch.Op) error {
	list := without(r.api.BinaryMediaTypes, p.Arg())
	switch p.Op {
	case "add":
		list = append(list, p.Arg())
	case "replace":
		list = append(without(list, p.Value), p.Value)
	}
	r.api.BinaryMediaTypes = list
	return nil
}

func patchEndpointType(r restAPIPatch, p patch.Op) error {
	if !slices.Contains(endpointTypes, p.Value) {
		return errEndpointType
	}
	r.api.EndpointType = p.Value
	if p.Value == "PRIVATE" {
		r.api.IPAddressType = "dualstack"
	}
	return nil
}

// without gives a new list that lacks v.
func without(list []string, v string) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		if e != v {
			out = append(out, e)
		}
	}
	return out
}
