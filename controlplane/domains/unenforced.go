package domains

import "github.com/postern/postern/controlplane/awsapi"

// Unenforced lists the settings that are kept and shown but that the data plane does
// not act on, with the reason. Setting one is logged, and refused under strict. A
// guard is never here: one that cannot run denies.
var Unenforced = map[string]string{
	"DomainName.endpointConfiguration.ipAddressType": "the listener's address family is the emulator's",
	"DomainName.securityPolicy":                      "TLS versions and ciphers are the listener's",
	"DomainName.endpointAccessMode":                  "there is one way in for every domain",
	"DomainName.regionalCertificateName":             "a name leads to no certificate; clients are shown one of the local authority",
	"DomainName.certificateArn":                      "a certificate that ACM here does not have is taken as given; clients are shown one of the local authority",
	"DomainName.managementPolicy":                    "domains are not shared between accounts",
}

// unenforced speaks up about settings of the table that a domain has.
func (tx *txn) unenforced(d *Domain) error {
	for _, l := range []struct {
		name string
		set  bool
	}{
		{"endpointConfiguration.ipAddressType", d.IPAddressType == "dualstack" && !d.has(private)},
		{"securityPolicy", d.SecurityPolicy != defaultSecurityPolicy},
		{"endpointAccessMode", d.AccessMode != ""},
		{"regionalCertificateName", d.has(regional) && d.RegionalCertificateName != "" && d.shownCertificate() == "" && d.Certificate == nil},
		{"certificateArn", tx.foreign(d) != ""},
		{"managementPolicy", d.ManagementPolicy != ""},
	} {
		if !l.set {
			continue
		}
		reason := Unenforced["DomainName."+l.name]
		if tx.s.Strict {
			return awsapi.BadRequest("DomainName.%s is not emulated: %s", l.name, reason)
		}
		tx.s.Logger.WarnContext(tx.ctx, "setting is kept but not emulated", "setting", "DomainName."+l.name, "domain", d.Name, "reason", reason)
	}
	return nil
}
