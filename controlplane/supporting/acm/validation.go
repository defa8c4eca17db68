package acm

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// validations are what AWS asked the owners of a certificate's names for; here all
// have answered already.
func (c *Certificate) validations() []wire.DomainValidation {
	if c.Validation == "" {
		return nil
	}
	var out []wire.DomainValidation
	for _, name := range c.Names {
		to := c.ValidationDomains[name]
		if to == "" {
			to = apex(name)
			if c.Validation == "DNS" {
				to = name
			}
		}
		v := wire.DomainValidation{
			DomainName: &name, ValidationDomain: &to, ValidationStatus: awsapi.Ptr("SUCCESS"), ValidationMethod: awsapi.Ptr(c.Validation),
		}
		switch c.Validation {
		case "DNS":
			v.ResourceRecord = &wire.ResourceRecord{
				Name: awsapi.Ptr("_" + c.secret(name, "name") + "." + apex(name) + "."), Type: awsapi.Ptr("CNAME"),
				Value: awsapi.Ptr("_" + c.secret(name, "value") + ".acm-validations.aws."),
			}
		case "HTTP":
			path := "/.well-known/pki-validation/" + c.secret(name, "name") + ".txt"
			v.HttpRedirect = &wire.HttpRedirect{
				RedirectFrom: awsapi.Ptr("http://" + apex(name) + path),
				RedirectTo:   awsapi.Ptr("https://validation." + c.region() + ".acm-validations.aws" + path),
			}
		case "EMAIL":
			for _, who := range []string{"admin", "administrator", "hostmaster", "postmaster", "webmaster"} {
				v.ValidationEmails = append(v.ValidationEmails, who+"@"+to)
			}
		}
		out = append(out, v)
	}
	return out
}

// secret is what AWS chose for a record. AWS: an account has the same record for every
// certificate of a name, with a wildcard or without.
func (c *Certificate) secret(name, part string) string {
	arn, _ := awsapi.ParseARN(c.ARN)
	sum := sha256.Sum256([]byte(arn.Account + "/" + apex(name) + "/" + part))
	return hex.EncodeToString(sum[:16])
}

func (c *Certificate) region() string {
	arn, _ := awsapi.ParseARN(c.ARN)
	return arn.Region
}
