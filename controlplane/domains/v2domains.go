package domains

import (
	"context"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
)

var (
	errDomainV2  = awsapi.NotFound("The domain name resource specified in the request was not found.")
	errExistsV2  = awsapi.Conflict("The domain name resource already exists.")
	errOneConfig = awsapi.BadRequest("Invalid input. Expected one domain name configuration")
)

// Routing modes in v2's words.
var (
	fromRoutingV2 = map[string]string{
		"": routeMappings, "API_MAPPING_ONLY": routeMappings, "ROUTING_RULE_ONLY": routeRules, "ROUTING_RULE_THEN_API_MAPPING": routeRulesThenMappings,
	}
	toRoutingV2 = map[string]string{
		routeMappings: "API_MAPPING_ONLY", routeRules: "ROUTING_RULE_ONLY", routeRulesThenMappings: "ROUTING_RULE_THEN_API_MAPPING",
	}
)

// model checks the constraints of the service model.
//
// unverified against AWS: the text of a broken constraint.
func model(operation string, in awsapi.Shaped) error {
	if e := wire.Service.Check(operation, in); e != nil {
		return awsapi.BadRequest("%s", e.Message)
	}
	return nil
}

func (s *Service) createDomainNameV2(ctx context.Context, in *wire.CreateDomainNameInput) (*wire.CreateDomainNameOutput, error) {
	if err := model("CreateDomainName", in); err != nil {
		return nil, err
	}
	if len(in.DomainNameConfigurations) != 1 {
		return nil, errOneConfig
	}
	var trust *Truststore
	if m := in.MutualTlsAuthentication; m != nil {
		var err error
		if trust, err = s.readTruststore(ctx, awsapi.Val(m.TruststoreUri), awsapi.Val(m.TruststoreVersion)); err != nil {
			return nil, err
		}
	}
	// unverified against AWS: that those of v1 may.
	if strings.Contains(awsapi.Val(in.DomainName), "_") {
		return nil, awsapi.BadRequest("Domain names cannot contain an underscore character")
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateDomainNameOutput, error) {
		d := &Domain{
			Name: *in.DomainName, Types: []string{regional}, IPAddressType: "ipv4", SecurityPolicy: defaultSecurityPolicy,
			Routing: fromRoutingV2[awsapi.Val(in.RoutingMode)], Truststore: trust, Tags: in.Tags,
		}
		if err := d.configure(&in.DomainNameConfigurations[0]); err != nil {
			return nil, err
		}
		if err := tx.create(d, errExistsV2, "TooManyRequestsException"); err != nil {
			return nil, err
		}
		return (*wire.CreateDomainNameOutput)(tx.wireV2(d)), nil
	})
}

// configure takes over a configuration; members that the service sets are left aside.
func (d *Domain) configure(c *wire.DomainNameConfiguration) error {
	if awsapi.Val(c.EndpointType) == edge {
		return awsapi.BadRequest("EDGE endpoint type is not supported for APIGatewayV2 domainName")
	}
	d.Types = []string{regional}
	for _, m := range []struct{ to, from *string }{
		{&d.RegionalCertificateARN, c.CertificateArn}, {&d.RegionalCertificateName, c.CertificateName},
		{&d.IPAddressType, c.IpAddressType}, {&d.SecurityPolicy, c.SecurityPolicy},
		{&d.OwnershipCertificate, c.OwnershipVerificationCertificateArn},
	} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	if d.SecurityPolicy == "TLS_1_0" {
		return errNeedsRegional
	}
	return nil
}

func (s *Service) getDomainNameV2(ctx context.Context, in *wire.GetDomainNameInput) (*wire.GetDomainNameOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetDomainNameOutput, error) {
		d, ok := tx.find(in.DomainName, nil)
		if !ok {
			return nil, errDomainV2
		}
		return (*wire.GetDomainNameOutput)(tx.wireV2(d)), nil
	})
}

// getDomainNamesV2 lists the public domains: v2 has no private ones.
func (s *Service) getDomainNamesV2(ctx context.Context, in *wire.GetDomainNamesInput) (*wire.GetDomainNamesOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetDomainNamesOutput, error) {
		var public []*Domain
		for _, d := range domains.List(tx.Tx, tx.scope, "") {
			if d.ID == "" {
				public = append(public, d)
			}
		}
		items, next, err := paging.V2(public, in.MaxResults, in.NextToken, tx.wireV2)
		return &wire.GetDomainNamesOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateDomainNameV2(ctx context.Context, in *wire.UpdateDomainNameInput) (*wire.UpdateDomainNameOutput, error) {
	if err := model("UpdateDomainName", in); err != nil {
		return nil, err
	}
	trust, err := s.changedTruststore(ctx, in)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.UpdateDomainNameOutput, error) {
		d, ok := domains.Edit(tx.Tx, tx.scope, *in.DomainName)
		if !ok {
			return nil, errDomainV2
		}
		if len(in.DomainNameConfigurations) == 1 {
			if err := d.configure(&in.DomainNameConfigurations[0]); err != nil {
				return nil, err
			}
		}
		if in.RoutingMode != nil {
			d.Routing = fromRoutingV2[*in.RoutingMode]
		}
		if in.MutualTlsAuthentication != nil {
			d.Truststore = trust
		}
		if err := tx.keep(d); err != nil {
			return nil, err
		}
		return (*wire.UpdateDomainNameOutput)(tx.wireV2(d)), nil
	})
}

// changedTruststore reads the truststore that an update of a domain asks for, where it
// asks for one. An address that is left out stays, an empty one turns mutual TLS off.
func (s *Service) changedTruststore(ctx context.Context, in *wire.UpdateDomainNameInput) (*Truststore, error) {
	have, err := read(ctx, s, func(tx *txn) (*Truststore, error) {
		d, ok := tx.find(in.DomainName, nil)
		if !ok {
			return nil, errDomainV2
		}
		return d.Truststore, nil
	})
	if err != nil {
		return nil, err
	}
	m := in.MutualTlsAuthentication
	// AWS asks for the configuration whenever TLS is changed, but not for the mode.
	if n := len(in.DomainNameConfigurations); n > 1 || n == 0 && (m != nil || in.RoutingMode == nil) {
		return nil, errOneConfig
	}
	if m == nil {
		return nil, nil
	}
	uri := m.TruststoreUri
	switch {
	case uri == nil && have != nil:
		uri = &have.URI
	case uri != nil && *uri == "":
		return nil, nil
	}
	return s.readTruststore(ctx, awsapi.Val(uri), awsapi.Val(m.TruststoreVersion))
}

func (s *Service) deleteDomainNameV2(ctx context.Context, in *wire.DeleteDomainNameInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		d, ok := tx.find(in.DomainName, nil)
		if !ok {
			return nil, errDomainV2
		}
		tx.remove(d)
		return nil, nil
	})
}

func (tx *txn) wireV2(d *Domain) *wire.DomainName {
	out := &wire.DomainName{
		ApiMappingSelectionExpression: awsapi.Ptr("$request.basepath"), DomainName: &d.Name, DomainNameArn: awsapi.Ptr(tx.arn(d)),
		RoutingMode: awsapi.Ptr(toRoutingV2[d.Routing]), Tags: d.Tags,
	}
	for _, t := range d.Types {
		c := wire.DomainNameConfiguration{
			EndpointType: awsapi.Ptr(t), DomainNameStatus: awsapi.Ptr("AVAILABLE"), IpAddressType: &d.IPAddressType, SecurityPolicy: &d.SecurityPolicy,
			OwnershipVerificationCertificateArn: awsapi.NonEmpty(d.OwnershipCertificate),
		}
		if t == edge {
			c.ApiGatewayDomainName, c.HostedZoneId = &d.Distribution, awsapi.Ptr(distributionZone)
			c.CertificateArn, c.CertificateName = awsapi.NonEmpty(d.CertificateARN), awsapi.NonEmpty(d.CertificateName)
			c.CertificateUploadDate = awsapi.NonEmpty(d.CertificateUploaded.Truncate(time.Second))
		} else {
			c.ApiGatewayDomainName, c.HostedZoneId = &d.RegionalDomain, awsapi.Ptr(zone(tx.scope.Region))
			c.CertificateArn, c.CertificateName = awsapi.NonEmpty(d.RegionalCertificateARN), awsapi.NonEmpty(d.RegionalCertificateName)
		}
		out.DomainNameConfigurations = append(out.DomainNameConfigurations, c)
	}
	if t := d.Truststore; t != nil {
		out.MutualTlsAuthentication = &wire.MutualTlsAuthentication{TruststoreUri: &t.URI, TruststoreVersion: awsapi.NonEmpty(t.Version), TruststoreWarnings: t.Warnings}
	}
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out
}
