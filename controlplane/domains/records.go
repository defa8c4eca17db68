package domains

import (
	"slices"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

// Domain is the record of one custom domain name.
type Domain struct {
	Name    string
	ID      string // of a private domain; with it, several may have one name
	Created time.Time
	Types   []string // EDGE, REGIONAL, PRIVATE; two while a domain moves

	CertificateARN      string // of the edge endpoint or of a private domain
	CertificateName     string
	CertificateUploaded time.Time
	Certificate         *snapshot.KeyPair // what was uploaded, with its chain; never answered
	Distribution        string            // the edge endpoint's target

	RegionalCertificateARN  string
	RegionalCertificateName string
	RegionalDomain          string // the regional endpoint's target

	IPAddressType        string
	SecurityPolicy       string
	AccessMode           string
	OwnershipCertificate string
	Routing              string // routeMappings, routeRules, routeRulesThenMappings
	ManagementPolicy     string
	Policy               string // compact JSON
	Truststore           *Truststore
	Tags                 map[string]string
}

// Truststore is the bundle of certificates that a domain's clients are verified by,
// as it was when it was read.
type Truststore struct {
	URI      string
	Version  string
	PEM      string
	Warnings []string
}

// Mapping is the record of one base path or API mapping.
type Mapping struct {
	ID    string
	Key   string // "": the root
	APIID string
	Stage string // empty: the path names it
}

// Rule is the record of one routing rule.
type Rule struct {
	ID         string
	Priority   int
	Conditions []Condition
	APIID      string
	Stage      string
	StripsBase bool
}

// Condition holds when one of its base paths or one of its headers matches; one of
// the two is set.
type Condition struct {
	BasePaths []string
	Headers   []Header
}

// Header is a header's name and what its value is like.
type Header struct{ Name, Glob string }

// Association lets a VPC endpoint reach a private domain.
type Association struct {
	ARN       string
	DomainARN string
	Source    string
	Tags      map[string]string
}

// Values of Domain.Types.
const (
	edge     = "EDGE"
	regional = "REGIONAL"
	private  = "PRIVATE"
)

// Values of Domain.Routing.
const (
	routeMappings          = "MAPPINGS"
	routeRules             = "RULES"
	routeRulesThenMappings = "RULES_THEN_MAPPINGS"
)

// Domains lie at their key, what belongs to one at "{domain's key}/{id}", associations
// at their ARN.
var (
	domains      = store.NewTable[Domain]("domains.domain")
	mappings     = store.NewTable[Mapping]("domains.mapping")
	rules        = store.NewTable[Rule]("domains.rule")
	associations = store.NewTable[Association]("domains.association")
)

// key is the domain's, unique in its account and region.
func (d *Domain) key() string { return keyOf(d.Name, d.ID) }

func keyOf(name, id string) string {
	if id == "" {
		return name
	}
	return name + "+" + id
}

func (d *Domain) has(endpoint string) bool { return slices.Contains(d.Types, endpoint) }
