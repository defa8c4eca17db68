package domains

import (
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

type domainPatch struct {
	tx *txn
	d  *Domain
}

// clearable is the rule for a text that may be taken away again.
func clearable(path string, member func(d *Domain) *string) patch.Rule[domainPatch] {
	return patch.Rule[domainPatch]{Path: path, Ops: patch.AddReplaceRemove, Apply: func(r domainPatch, p patch.Op) error {
		*member(r.d) = p.Value
		if p.Op == "remove" {
			*member(r.d) = ""
		}
		return nil
	}}
}

func policyRule(path string, member func(d *Domain) *string) patch.Rule[domainPatch] {
	return patch.Rule[domainPatch]{Path: path, Ops: patch.Replace, Apply: func(r domainPatch, p patch.Op) (err error) {
		*member(r.d), err = r.tx.normalPolicy(r.d, p.Value)
		return err
	}}
}

// unverified against AWS: the words of the refusals, which are those of its family.
var domainPatches = patch.Table[domainPatch]{Family: patch.Bare, Rules: []patch.Rule[domainPatch]{
	clearable("/certificateArn", func(d *Domain) *string { return &d.CertificateARN }),
	clearable("/certificateName", func(d *Domain) *string { return &d.CertificateName }),
	clearable("/regionalCertificateArn", func(d *Domain) *string { return &d.RegionalCertificateARN }),
	clearable("/regionalCertificateName", func(d *Domain) *string { return &d.RegionalCertificateName }),
	clearable("/ownershipVerificationCertificateArn", func(d *Domain) *string { return &d.OwnershipCertificate }),
	{Path: "/mutualTlsAuthentication/truststoreUri", Ops: patch.AddReplaceRemove, Apply: patchTruststoreURI},
	{Path: "/mutualTlsAuthentication/truststoreVersion", Ops: patch.AddReplaceRemove, Apply: patchTruststoreVersion},
	{Path: "/endpointConfiguration/types", Ops: patch.AddRemove, Apply: patchTypes},
	{Path: "/endpointConfiguration/types/{}", Ops: []string{"replace", "remove"}, Apply: patchType},
	patch.Enum("/endpointConfiguration/ipAddressType", []string{"ipv4", "dualstack"}, func(r domainPatch) *string { return &r.d.IPAddressType }),
	patch.Enum("/endpointAccessMode", patch.Values(&wire.CreateDomainNameInput{}, "EndpointAccessMode"), func(r domainPatch) *string { return &r.d.AccessMode }),
	patch.Enum("/securityPolicy", patch.Values(&wire.CreateDomainNameInput{}, "SecurityPolicy"), func(r domainPatch) *string { return &r.d.SecurityPolicy }),
	policyRule("/managementPolicy", func(d *Domain) *string { return &d.ManagementPolicy }),
	policyRule("/policy", func(d *Domain) *string { return &d.Policy }),
	{Path: "/routingMode", Ops: patch.Replace, Apply: func(r domainPatch, p patch.Op) error {
		mode, ok := fromRoutingV1[p.Value]
		if !ok || p.Value == "" {
			return errValue(p)
		}
		r.d.Routing = mode
		return nil
	}},
}}

// unverified against AWS: the text.
func errValue(p patch.Op) error {
	return awsapi.BadRequest("Invalid value specified for %s: %s", p.Path[1:], p.Value)
}

// patchDomain applies a PATCH. AWS: one request must not both add and remove.
func patchDomain(tx *txn, d *Domain, ops []wire.PatchOperation) error {
	adds := slices.ContainsFunc(ops, func(o wire.PatchOperation) bool { return awsapi.Val(o.Op) == "add" })
	removes := slices.ContainsFunc(ops, func(o wire.PatchOperation) bool { return awsapi.Val(o.Op) == "remove" })
	if adds && removes {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid patch operation specified. Operations add and remove cannot be used in the same request")
	}
	return domainPatches.Apply(domainPatch{tx, d}, ops)
}

// patchTruststoreURI changes where the truststore is. AWS: mutual TLS is turned off by
// taking the address away; a version is one of the object at the address.
func patchTruststoreURI(r domainPatch, p patch.Op) error {
	if p.Op == "remove" || p.Value == "" {
		r.d.Truststore = nil
		return nil
	}
	t := Truststore{URI: p.Value}
	if old := r.d.Truststore; old != nil && (old.URI == p.Value || old.URI == "") {
		t.Version = old.Version
	}
	r.d.Truststore = &t
	return nil
}

func patchTruststoreVersion(r domainPatch, p patch.Op) error {
	var t Truststore
	if r.d.Truststore != nil {
		t.URI = r.d.Truststore.URI
	}
	if t.Version = p.Value; p.Op == "remove" {
		t.Version = ""
	}
	if r.d.Truststore = &t; t.URI == "" && t.Version == "" {
		r.d.Truststore = nil
	}
	return nil
}

func patchTypes(r domainPatch, p patch.Op) error {
	if p.Value != edge && p.Value != regional {
		return errValue(p)
	}
	types := slices.DeleteFunc(slices.Clone(r.d.Types), func(t string) bool { return t == p.Value })
	if p.Op == "add" {
		types = append(types, p.Value)
	}
	r.d.Types = types
	return nil
}

// patchType replaces the type at an index, or removes one by its name or index.
func patchType(r domainPatch, p patch.Op) error {
	types := slices.Clone(r.d.Types)
	at := slices.Index(types, p.Arg())
	if i := int(p.Arg()[0] - '0'); at < 0 && len(p.Arg()) == 1 && i >= 0 && i < len(types) {
		at = i
	}
	switch {
	case at < 0:
		return awsapi.BadRequest("Invalid patch path %s", p.Path)
	case p.Op == "remove":
		types = slices.Delete(types, at, at+1)
	case p.Value != edge && p.Value != regional:
		// AWS: https://github.com/hashicorp/terraform-provider-aws/issues/40692
		return awsapi.BadRequest("%s Invalid request input", p.Path)
	default:
		types[at] = p.Value
	}
	slices.Sort(types)
	r.d.Types = slices.Compact(types)
	return nil
}
