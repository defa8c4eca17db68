package snapshot

import "time"

// Domains is what one account and region has in custom domain names. It applies
// without deploying: each change hands over the whole anew.
type Domains struct {
	AccountID string
	Region    string
	Domains   []Domain
}

// Domain is one custom domain name and what it leads to.
type Domain struct {
	Name string // lower case; "*.example.com" stands for every name one label longer
	// Created decides between accounts or regions that have the same name: a
	// request's host says nothing more, and the oldest is served.
	Created time.Time
	// CertificateARN names the certificate that TLS clients are shown.
	CertificateARN string
	// Certificate is what they are shown where there is no ARN: one that came with
	// the domain; nil: none did.
	Certificate *KeyPair
	Routing     DomainRouting
	Mappings    []DomainMapping
	Rules       []RoutingRule
	MutualTLS   *MutualTLS     // nil: no client has to show a certificate
	Private     *PrivateDomain // nil: everybody may call
}

// DomainRouting says what a domain asks for the way of a request.
type DomainRouting uint8

// The ways; by mapping is how a domain routes unless told otherwise.
const (
	RouteByMapping DomainRouting = iota
	RouteByRule
	RouteByRuleThenMapping
)

// DomainMapping leads from a base path to an API.
type DomainMapping struct {
	Key   string // "", "v1", "v1/orders"
	APIID string
	Stage string // empty: the path names it, behind the key
	Kind  Kind
}

// RoutingRule leads requests that meet all of its conditions to a REST API.
type RoutingRule struct {
	ID         string
	Priority   int // lowest first
	Conditions []RoutingCondition
	APIID      string
	Stage      string
	// StripBasePath takes the base path that a condition matched off the path.
	StripBasePath bool
}

// RoutingCondition holds when one of its base paths or one of its headers matches;
// exactly one of the two is set.
type RoutingCondition struct {
	BasePaths []string
	Headers   []HeaderGlob
}

// HeaderGlob matches a header's value; '*' may stand at both ends.
type HeaderGlob struct {
	Name string
	Glob string
}

// MutualTLS asks clients for a certificate that the truststore vouches for.
type MutualTLS struct {
	Truststore string // PEM
}

// PrivateDomain is a domain that is reached through VPC endpoints only.
type PrivateDomain struct {
	// ARN is the domain's in policies:
	// arn:aws:execute-api:{region}:{account}:/domainnames/{name}+{id}.
	ARN          string
	Policy       string // JSON; without one nobody may call
	VPCEndpoints []string
}
