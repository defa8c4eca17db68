package domains

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

var (
	errDomain = awsapi.NotFound("Invalid domain name identifier specified")
	errExists = awsapi.BadRequest("The domain name you provided already exists.")
)

// Routing modes in v1's words.
var (
	fromRoutingV1 = map[string]string{
		"": routeMappings, "BASE_PATH_MAPPING_ONLY": routeMappings, "ROUTING_RULE_ONLY": routeRules, "ROUTING_RULE_THEN_BASE_PATH_MAPPING": routeRulesThenMappings,
	}
	toRoutingV1 = map[string]string{
		routeMappings: "BASE_PATH_MAPPING_ONLY", routeRules: "ROUTING_RULE_ONLY", routeRulesThenMappings: "ROUTING_RULE_THEN_BASE_PATH_MAPPING",
	}
)

func (s *Service) createDomainName(ctx context.Context, in *wire.CreateDomainNameInput) (*wire.DomainName, error) {
	if awsapi.Val(in.DomainName) == "" {
		return nil, awsapi.BadRequest("No Domain Name specified")
	}
	var trust *Truststore
	if m := in.MutualTlsAuthentication; m != nil {
		var err error
		if trust, err = s.readTruststore(ctx, awsapi.Val(m.TruststoreUri), awsapi.Val(m.TruststoreVersion)); err != nil {
			return nil, err
		}
	}
	return edit(ctx, s, func(tx *txn) (*wire.DomainName, error) {
		d := &Domain{
			Name: *in.DomainName, Types: []string{edge}, IPAddressType: "ipv4", SecurityPolicy: defaultSecurityPolicy,
			CertificateARN: awsapi.Val(in.CertificateArn), CertificateName: awsapi.Val(in.CertificateName),
			RegionalCertificateARN: awsapi.Val(in.RegionalCertificateArn), RegionalCertificateName: awsapi.Val(in.RegionalCertificateName),
			AccessMode: awsapi.Val(in.EndpointAccessMode), OwnershipCertificate: awsapi.Val(in.OwnershipVerificationCertificateArn),
			Routing: fromRoutingV1[awsapi.Val(in.RoutingMode)], Truststore: trust, Tags: in.Tags,
		}
		if in.SecurityPolicy != nil {
			d.SecurityPolicy = *in.SecurityPolicy
		}
		tx.setEndpoint(d, in.EndpointConfiguration)
		switch {
		case d.has(edge) && !d.has(regional) && d.RegionalCertificateARN != "":
			return nil, awsapi.BadRequest("Cannot import certificates for REGIONAL while EDGE is active.")
		case d.has(regional) && !d.has(edge) && d.CertificateARN != "":
			return nil, awsapi.BadRequest("Cannot import certificates for EDGE while REGIONAL is active.")
		}
		if err := d.upload(in, tx.s.Now()); err != nil {
			return nil, err
		}
		var err error
		if d.Policy, err = tx.normalPolicy(d, awsapi.Val(in.Policy)); err != nil {
			return nil, err
		}
		if err := tx.create(d, errExists, "LimitExceededException"); err != nil {
			return nil, err
		}
		return tx.wireV1(d, false), nil
	})
}

func (tx *txn) setEndpoint(d *Domain, in *wire.EndpointConfiguration) {
	if in == nil {
		return
	}
	if in.Types != nil {
		d.Types = in.Types
	}
	if d.has(private) {
		d.ID, d.IPAddressType = tx.s.NewID(10), "dualstack"
	}
	if in.IpAddressType != nil {
		d.IPAddressType = *in.IpAddressType
	}
}

func (s *Service) getDomainName(ctx context.Context, in *wire.GetDomainNameInput) (*wire.DomainName, error) {
	return read(ctx, s, func(tx *txn) (*wire.DomainName, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomain
		}
		return tx.wireV1(d, true), nil
	})
}

func (s *Service) getDomainNames(ctx context.Context, in *wire.GetDomainNamesInput) (*wire.DomainNames, error) {
	return read(ctx, s, func(tx *txn) (*wire.DomainNames, error) {
		list := domains.List(tx.Tx, tx.scope, "")
		if awsapi.Val(in.ResourceOwner) == "OTHER_ACCOUNTS" {
			list = nil // domains are not shared between accounts
		}
		items, next, err := paging.V1(list, in.Position, in.Limit, func(d *Domain) *wire.DomainName { return tx.wireV1(d, false) })
		return &wire.DomainNames{Items: items, Position: next}, err
	})
}

func (s *Service) deleteDomainName(ctx context.Context, in *wire.DeleteDomainNameInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomain
		}
		tx.remove(d)
		return nil, nil
	})
}

// updateDomainName reads the truststore that the domain is to have before its
// transaction, which a slow S3 would hold up for everybody.
func (s *Service) updateDomainName(ctx context.Context, in *wire.UpdateDomainNameInput) (*wire.DomainName, error) {
	trust, err := s.patchedTruststore(ctx, in)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.DomainName, error) {
		d, ok := domains.Edit(tx.Tx, tx.scope, keyOf(*in.DomainName, awsapi.Val(in.DomainNameId)))
		if !ok {
			return nil, errDomain
		}
		if err := patchDomain(tx, d, in.PatchOperations); err != nil {
			return nil, err
		}
		if d.Truststore != nil {
			if !trust.same(d.Truststore.URI, d.Truststore.Version) {
				return nil, errConcurrent
			}
			d.Truststore = trust
		}
		if err := tx.keep(d); err != nil {
			return nil, err
		}
		return tx.wireV1(d, true), nil
	})
}

var errConcurrent = awsapi.Conflict("Unable to complete operation due to concurrent modification. Please try again later.")

// patchedTruststore is the truststore that a domain will have after a PATCH: read
// anew where the PATCH is about it.
func (s *Service) patchedTruststore(ctx context.Context, in *wire.UpdateDomainNameInput) (*Truststore, error) {
	var have, want *Truststore
	_, err := read(ctx, s, func(tx *txn) (*Domain, error) {
		d, ok := tx.find(in.DomainName, in.DomainNameId)
		if !ok {
			return nil, errDomain
		}
		have = d.Truststore
		after := *d
		if err := patchDomain(tx, &after, in.PatchOperations); err != nil {
			return nil, err
		}
		want = after.Truststore
		return nil, nil
	})
	if err != nil || want == nil {
		return nil, err
	}
	for _, o := range in.PatchOperations {
		if strings.HasPrefix(patch.FromWire(o).Path, "/mutualTlsAuthentication/") {
			return s.readTruststore(ctx, want.URI, want.Version)
		}
	}
	return have, nil
}

func (tx *txn) wireV1(d *Domain, single bool) *wire.DomainName {
	out := &wire.DomainName{
		DomainName: &d.Name, DomainNameId: awsapi.NonEmpty(d.ID), DomainNameStatus: awsapi.Ptr("AVAILABLE"),
		CertificateName: awsapi.NonEmpty(d.CertificateName), CertificateArn: awsapi.NonEmpty(d.CertificateARN),
		RegionalCertificateName: awsapi.NonEmpty(d.RegionalCertificateName), RegionalCertificateArn: awsapi.NonEmpty(d.RegionalCertificateARN),
		EndpointConfiguration: &wire.EndpointConfiguration{Types: d.Types, IpAddressType: &d.IPAddressType},
		SecurityPolicy:        &d.SecurityPolicy, EndpointAccessMode: awsapi.NonEmpty(d.AccessMode),
		OwnershipVerificationCertificateArn: awsapi.NonEmpty(d.OwnershipCertificate),
		ManagementPolicy:                    awsapi.NonEmpty(d.ManagementPolicy), Policy: awsapi.NonEmpty(d.Policy),
		RoutingMode: awsapi.Ptr(toRoutingV1[d.Routing]), Tags: tags.Shown(d.Tags, single),
	}
	if d.ID != "" {
		out.DomainNameArn = awsapi.Ptr(tx.arn(d))
	}
	if d.has(regional) {
		out.RegionalDomainName, out.RegionalHostedZoneId = &d.RegionalDomain, awsapi.Ptr(zone(tx.scope.Region))
	}
	if d.has(edge) {
		out.DistributionDomainName, out.DistributionHostedZoneId = &d.Distribution, awsapi.Ptr(distributionZone)
	}
	if !d.CertificateUploaded.IsZero() {
		out.CertificateUploadDate = awsapi.Ptr(d.CertificateUploaded.Truncate(time.Second))
	}
	if t := d.Truststore; t != nil {
		out.MutualTlsAuthentication = &wire.MutualTlsAuthentication{TruststoreUri: &t.URI, TruststoreVersion: awsapi.NonEmpty(t.Version), TruststoreWarnings: t.Warnings}
	}
	return out
}

// normalPolicy gives a policy as it is kept: compact, its resources absolute. AWS shows
// it as it is, where it escapes an API's: Terraform reads the one and unescapes the other.
func (tx *txn) normalPolicy(d *Domain, text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	var b bytes.Buffer
	var doc map[string]any
	if json.Unmarshal([]byte(text), &doc) != nil || json.Compact(&b, []byte(text)) != nil {
		return "", awsapi.BadRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	return strings.ReplaceAll(b.String(), `"execute-api:/`, `"`+tx.invokeARN(d)+"/"), nil
}
