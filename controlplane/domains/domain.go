package domains

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/tags"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

const (
	maxDomains            = 120 // of an account in a region
	defaultSecurityPolicy = "TLS_1_2"
)

// domainName is a name in lower case with at least two labels; a wildcard may stand
// for the first.
var domainName = lazyregexp.New(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// create checks a new domain as a whole, gives it its addresses and stores it. exists
// is the error for a name that is taken, full the code of the one for too many.
//
// AWS: a public name belongs to one account of a region; the same name in another
// region is another domain.
func (tx *txn) create(d *Domain, exists error, full string) error {
	if !domainName().MatchString(d.Name) || len(d.Name) > 253 {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid domain name specified: %s", d.Name)
	}
	if len(domains.List(tx.Tx, tx.scope, "")) >= maxDomains {
		// unverified against AWS: the text.
		return &awsapi.Error{Code: full, Message: "Maximum number of domain names for this account has been reached", Status: http.StatusTooManyRequests}
	}
	for _, e := range domains.All(tx.Tx) {
		own := e.Scope == tx.scope
		public := d.ID == "" && e.Rec.ID == "" && e.Scope.Region == tx.scope.Region
		if e.Rec.Name == d.Name && (public || own && d.ID != "" && e.Rec.ID != "") {
			return exists
		}
	}
	d.Created = tx.s.Now()
	return tx.keep(d)
}

// keep checks a domain as a whole and stores it.
func (tx *txn) keep(d *Domain) error {
	if err := tx.check(d); err != nil {
		return err
	}
	if d.has(regional) && d.RegionalDomain == "" {
		d.RegionalDomain = "d-" + tx.s.NewID(10) + ".execute-api." + tx.scope.Region + ".amazonaws.com"
	}
	if d.has(edge) && d.Distribution == "" {
		d.Distribution = "d" + tx.s.NewID(13) + ".cloudfront.net"
	}
	if !d.has(regional) {
		d.RegionalDomain = ""
	}
	if !d.has(edge) {
		d.Distribution = ""
	}
	if d.CertificateName == "" && d.RegionalCertificateName == "" {
		d.Certificate = nil // nothing leads to it any more
	}
	domains.Put(tx.Tx, tx.scope, d.key(), d)
	return tx.unenforced(d)
}

func (tx *txn) check(d *Domain) error {
	if err := tx.checkEndpoints(d); err != nil {
		return err
	}
	if err := tx.checkSettings(d); err != nil {
		return err
	}
	for _, m := range tx.mappingsOf(d) {
		if kind, _ := tx.s.APIs.Kind(tx.Tx, tx.scope, m.APIID); kind != snapshot.KindREST && !d.servesHTTP() {
			return errNeedsRegional
		}
	}
	return nil
}

// servesHTTP tells whether HTTP and WebSocket APIs may be behind a domain.
func (d *Domain) servesHTTP() bool {
	return slices.Equal(d.Types, []string{regional}) && d.SecurityPolicy == defaultSecurityPolicy
}

// unverified against AWS: the text.
var errNeedsRegional = awsapi.BadRequest("Only REGIONAL domain names with the security policy TLS_1_2 can be managed through the API Gateway V2 API.")

func (tx *txn) checkEndpoints(d *Domain) error {
	switch {
	case len(d.Types) == 0, d.has(private) != (d.ID != ""), d.has(private) && len(d.Types) > 1:
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid endpoint configuration types specified for the domain name: [%s]", strings.Join(d.Types, ", "))
	case d.has(private) && d.RegionalCertificateARN != "":
		return awsapi.BadRequest("RegionalCertificateArn is not supported for PRIVATE custom domain name")
	case d.has(private) && d.IPAddressType != "dualstack":
		// unverified against AWS: the text, which is that of an API.
		return awsapi.BadRequest("Only dualstack ipAddressType is supported for Private domain names.")
	}
	for _, t := range d.Types {
		arn, name, region := d.CertificateARN, d.CertificateName, tx.scope.Region
		switch t {
		case edge:
			region = "us-east-1"
		case regional:
			arn, name = d.RegionalCertificateARN, d.RegionalCertificateName
		}
		// AWS: a name is none where a certificate could have come with it. One that has
		// an endpoint already was judged when that was made.
		// unverified against AWS: that it is one for a regional endpoint.
		if t != regional && d.Certificate == nil && d.Distribution == "" {
			name = ""
		}
		if arn == "" && name == "" {
			return awsapi.BadRequest("A certificate was not provided for the endpoint type %s.", t)
		}
		if arn == "" {
			continue
		}
		if err := tx.checkCertificate(d, t, arn, region); err != nil {
			return err
		}
	}
	return tx.checkOwnership(d)
}

// unverified against AWS: the texts.
func (tx *txn) checkSettings(d *Domain) error {
	switch {
	case d.Truststore != nil && !slices.Equal(d.Types, []string{regional}):
		return awsapi.BadRequest("Mutual TLS is only supported for REGIONAL domain names")
	case d.Truststore != nil && d.SecurityPolicy == "TLS_1_0":
		return awsapi.BadRequest("Mutual TLS authentication is only supported with TLS 1.2.")
	case d.Policy != "" && !d.has(private):
		return awsapi.BadRequest("A policy is only supported for PRIVATE domain names")
	case d.ManagementPolicy != "" && !d.has(private):
		return awsapi.BadRequest("A management policy is only supported for PRIVATE domain names")
	case d.has(edge) && d.Routing != routeMappings:
		return awsapi.BadRequest("Routing rules are not supported for EDGE domain names")
	}
	return tags.Check(d.Tags)
}
