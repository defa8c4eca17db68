package acm

import (
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Certificate is the record of one certificate.
type Certificate struct {
	ARN        string
	Type       string // AmazonIssued, Imported, Private
	DomainName string
	Names      []string // that it is valid for, DomainName among them

	Chain [][]byte // DER: the certificate itself, then what leads to its root
	Key   []byte   // PKCS #8

	Created, Issued, Imported time.Time
	Renewed, Revoked          time.Time
	RevocationReason          string

	Token             string            // of the request that asked for it
	Validation        string            // EMAIL, DNS, HTTP; "" unless AmazonIssued
	ValidationDomains map[string]string // where email goes to, by name
	Authority         string            // ARN of the private authority that was asked for
	Transparency      string            // ENABLED, DISABLED: shown only, there is no log to be in
	Export            string            // ENABLED, DISABLED; "": never said
	Exported          bool
	ManagedBy         string
	Tags              map[string]string
}

// Values of Certificate.Type.
const (
	AmazonIssued = "AMAZON_ISSUED"
	Imported     = "IMPORTED"
	Private      = "PRIVATE"
)

// Values of a certificate's status. Others, that AWS has before it issues one, do not
// occur.
const (
	issued  = "ISSUED"
	expired = "EXPIRED"
	revoked = "REVOKED"
)

// Values of options.
const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

// resource begins the resource part of a certificate's ARN.
const resource = "certificate/"

// Certificates lie at their ARN.
var certificates = store.NewTable[Certificate]("acm.certificate")

// Find gives the certificate of an ARN, whosever it is.
func Find(tx *store.Tx, arn string) (*Certificate, bool) {
	a, ok := awsapi.ParseARN(arn)
	if !ok {
		return nil, false
	}
	return certificates.Get(tx, store.Scope{Account: a.Account, Region: a.Region}, arn)
}

// Covers tells whether a certificate is valid for a name, which may itself have a
// wildcard.
func (c *Certificate) Covers(name string) bool {
	_, parent, _ := strings.Cut(name, ".")
	return slices.ContainsFunc(c.Names, func(n string) bool {
		return strings.EqualFold(n, name) || strings.EqualFold(n, "*."+parent)
	})
}

// Usable tells whether a certificate is one that a service may be given.
func (c *Certificate) Usable(now time.Time) bool { return c.status(now) == issued }

func (c *Certificate) status(now time.Time) string {
	switch {
	case !c.Revoked.IsZero():
		return revoked
	case now.After(c.leaf().NotAfter):
		return expired
	}
	return issued
}
