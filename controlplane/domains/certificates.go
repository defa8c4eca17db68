package domains

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Certificates finds what the ARNs of certificates lead to.
type Certificates interface {
	// Find gives a certificate of ACM; ok is false when there is none of that ARN here.
	Find(tx *store.Tx, arn string) (c Certificate, ok bool)
}

// Certificate is what a domain has to know of one.
type Certificate struct {
	// Covers tells whether it is valid for a name.
	Covers func(name string) bool
	// Usable tells whether it is issued, and neither expired nor revoked.
	Usable bool
	// Public tells whether ACM issued it, who thereby vouches for the domain's owner.
	Public bool
}

// unknown are certificates without ACM.
type unknown struct{}

func (unknown) Find(*store.Tx, string) (Certificate, bool) { return Certificate{}, false }

// CertificateUsers names, by ARN, the domains that a certificate belongs to. AWS has
// there the load balancers and distributions of API Gateway's own accounts, which
// tell nobody anything.
func CertificateUsers(tx *store.Tx, certificateARN string) []string {
	var users []string
	for _, e := range domains.All(tx) {
		d := e.Rec
		if slices.Contains([]string{d.CertificateARN, d.RegionalCertificateARN, d.OwnershipCertificate}, certificateARN) {
			users = append(users, (&txn{Tx: tx, scope: e.Scope}).arn(d))
		}
	}
	slices.Sort(users)
	return users
}

// shownCertificate is the ARN of what TLS clients are shown: the regional endpoint's
// where a domain has two, since requests come straight to it here.
func (d *Domain) shownCertificate() string {
	if d.has(regional) && d.RegionalCertificateARN != "" {
		return d.RegionalCertificateARN
	}
	return d.CertificateARN
}

// checkCertificate takes a certificate's ARN for good when it is one of ACM's in the
// region. What ACM here knows of it is judged too; a certificate that is not here, as
// one of a real account, is taken as given unless under strict.
func (tx *txn) checkCertificate(d *Domain, endpoint, arn, region string) error {
	a, ok := awsapi.ParseARN(arn)
	if !ok || a.Service != "acm" && a.Service != "iam" || !strings.Contains(a.Resource, "certificate/") {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid certificate ARN: %s", arn)
	}
	if a.Region != region && a.Service == "acm" {
		return awsapi.BadRequest("Invalid certificate ARN: %s. Certificate must be in '%s'.", arn, region)
	}
	c, ok := tx.s.Certificates.Find(tx.Tx, arn)
	switch {
	case !ok && tx.s.Strict:
		return awsapi.BadRequest("The provided certificate does not exist.")
	case !ok:
		return nil
	case a.Account != tx.scope.Account:
		return awsapi.BadRequest("The certificate provided must be owned by the account creating the domain.")
	case !c.Usable:
		// unverified against AWS: the text.
		return awsapi.BadRequest("The provided certificate %s is not in the state ISSUED.", arn)
	case c.Covers(d.Name):
		return nil
	case endpoint == edge:
		return awsapi.BadRequest("Unable to associate certificate %s with CloudFront. This error may prevent the domain name %s from being used in API Gateway for up to 40 minutes. "+
			"Please ensure the certificate domain name matches the requested domain name, and that this user has permission to call cloudfront:UpdateDistribution on '*' resources.", arn, d.Name)
	}
	return awsapi.BadRequest("The domain name to be created is not covered by the provided certificate.")
}

// checkOwnership judges the certificate that proves whose a domain is. AWS: with mutual
// TLS one is needed where ACM did not issue the domain's own certificate.
func (tx *txn) checkOwnership(d *Domain) error {
	own, known := tx.s.Certificates.Find(tx.Tx, d.RegionalCertificateARN)
	switch {
	case d.OwnershipCertificate == "" && d.Truststore != nil && known && !own.Public:
		return awsapi.BadRequest("Missing ownershipVerificationCertificate.")
	case d.OwnershipCertificate == "":
		return nil
	}
	if err := tx.checkCertificate(d, regional, d.OwnershipCertificate, tx.scope.Region); err != nil {
		return err
	}
	if proof, ok := tx.s.Certificates.Find(tx.Tx, d.OwnershipCertificate); ok && !proof.Public {
		// unverified against AWS: the text.
		return awsapi.BadRequest("The ownershipVerificationCertificate must be a public certificate issued by ACM.")
	}
	return nil
}

// foreign finds a certificate that is not in ACM here, "" where all are.
func (tx *txn) foreign(d *Domain) string {
	for _, arn := range []string{d.CertificateARN, d.RegionalCertificateARN, d.OwnershipCertificate} {
		if _, known := tx.s.Certificates.Find(tx.Tx, arn); arn != "" && !known {
			return arn
		}
	}
	return ""
}
