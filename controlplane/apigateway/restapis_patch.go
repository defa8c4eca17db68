package apigateway

import (
	"slices"
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

var errCompression = awsapi.BadRequest("Invalid minimum compression size, must be between 0 and 10485760")

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
	if a.EndpointType == "PRIVATE" {
		a.IPAddressType = "dualstack"
	}
	if in.IpAddressType != nil {
		a.IPAddressType = *in.IpAddressType
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

var restAPIPatches = patchTable[restAPIPatch]{family: familyBare, rules: []patchRule[restAPIPatch]{
	{path: "/name", ops: opReplace, apply: func(r restAPIPatch, p patch) error {
		if p.value == "" {
			// unverified against AWS: the text.
			return awsapi.BadRequest("API Name cannot be blank")
		}
		r.api.Name = p.value
		return nil
	}},
	{path: "/description", ops: opAddReplaceRemove, apply: func(r restAPIPatch, p patch) error {
		r.api.Description = p.value
		if p.op == "remove" {
			r.api.Description = ""
		}
		return nil
	}},
	{path: "/apiKeySource", ops: opReplace, apply: func(r restAPIPatch, p patch) error {
		if p.value != "HEADER" && p.value != "AUTHORIZER" {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Invalid API key source specified. Valid options are HEADER,AUTHORIZER")
		}
		r.api.APIKeySource = p.value
		return nil
	}},
	{path: "/disableExecuteApiEndpoint", ops: opReplace, apply: func(r restAPIPatch, p patch) error {
		r.api.DisableExecuteAPI = p.truth()
		return nil
	}},
	{path: "/policy", ops: opReplace, apply: func(r restAPIPatch, p patch) error {
		policy, err := r.tx.normalPolicy(r.api.ID, p.value)
		r.api.Policy = policy
		return err
	}},
	replaceText("/securityPolicy", func(r restAPIPatch) *string { return &r.api.SecurityPolicy }),
	replaceText("/endpointAccessMode", func(r restAPIPatch) *string { return &r.api.EndpointAccessMode }),
	{path: "/minimumCompressionSize", ops: opReplace, apply: func(r restAPIPatch, p patch) error {
		if p.value == "" {
			r.api.MinimumCompressionSize = nil
			return nil
		}
		size, err := strconv.Atoi(p.value)
		if err != nil || !validCompression(size) {
			return errCompression
		}
		r.api.MinimumCompressionSize = &size
		return nil
	}},
	{path: "/binaryMediaTypes/{}", ops: opAddReplaceRemove, apply: patchBinaryMediaTypes},
	{path: "/endpointConfiguration/types/{}", ops: opReplace, apply: patchEndpointType,
		refusal: "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
	{path: "/endpointConfiguration/ipAddressType", ops: opReplace, apply: func(r restAPIPatch, p patch) error {
		if p.value != "ipv4" && p.value != "dualstack" {
			return awsapi.BadRequest("ipAddressType must be either ipv4 or dualstack.")
		}
		r.api.IPAddressType = p.value
		return r.api.checkIPAddressType()
	}},
	{path: "/endpointConfiguration/vpcEndpointIds", ops: opAddRemove, apply: func(r restAPIPatch, p patch) error {
		if r.api.EndpointType != "PRIVATE" {
			// unverified against AWS: the text.
			return awsapi.BadRequest("VPC endpoint ids are supported for Private APIs only.")
		}
		r.api.VPCEndpointIDs = without(r.api.VPCEndpointIDs, p.value)
		if p.op == "add" {
			r.api.VPCEndpointIDs = append(r.api.VPCEndpointIDs, p.value)
		}
		return nil
	}},
}}

// patchBinaryMediaTypes treats the list as a map of media types.
//
// AWS: add takes the path's last segment and ignores the value, so that the
// JSON-Patch habit of "/-" stores the type "-"; replace drops the addressed entry
// and appends the value.
func patchBinaryMediaTypes(r restAPIPatch, p patch) error {
	list := without(r.api.BinaryMediaTypes, p.arg())
	switch p.op {
	case "add":
		list = append(list, p.arg())
	case "replace":
		list = append(without(list, p.value), p.value)
	}
	r.api.BinaryMediaTypes = list
	return nil
}

func patchEndpointType(r restAPIPatch, p patch) error {
	if !slices.Contains([]string{"REGIONAL", "EDGE", "PRIVATE"}, p.value) {
		return awsapi.BadRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	r.api.EndpointType = p.value
	if p.value == "PRIVATE" {
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
