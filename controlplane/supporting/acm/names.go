package acm

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// distinguishedName takes a name apart. Of parts that occur several times the first
// is shown, but for the components of a domain.
func distinguishedName(name pkix.Name) *wire.DistinguishedName {
	out := &wire.DistinguishedName{}
	parts := map[string]**string{
		"2.5.4.3": &out.CommonName, "2.5.4.4": &out.Surname, "2.5.4.5": &out.SerialNumber, "2.5.4.6": &out.Country, "2.5.4.7": &out.Locality,
		"2.5.4.8": &out.State, "2.5.4.10": &out.Organization, "2.5.4.11": &out.OrganizationalUnit, "2.5.4.12": &out.Title, "2.5.4.42": &out.GivenName,
		"2.5.4.43": &out.Initials, "2.5.4.44": &out.GenerationQualifier, "2.5.4.46": &out.DistinguishedNameQualifier, "2.5.4.65": &out.Pseudonym,
	}
	for _, part := range name.Names {
		id, value := part.Type.String(), fmt.Sprint(part.Value)
		switch member, known := parts[id]; {
		case id == "0.9.2342.19200300.100.1.25":
			out.DomainComponents = append(out.DomainComponents, value)
		case !known:
			out.CustomAttributes = append(out.CustomAttributes, wire.CustomAttribute{ObjectIdentifier: &id, Value: &value})
		case *member == nil:
			*member = &value
		}
	}
	return out
}

func generalNames(cert *x509.Certificate) []wire.GeneralName {
	out := []wire.GeneralName{}
	for _, name := range cert.DNSNames {
		out = append(out, wire.GeneralName{DnsName: &name})
	}
	for _, ip := range cert.IPAddresses {
		out = append(out, wire.GeneralName{IpAddress: awsapi.Ptr(ip.String())})
	}
	for _, address := range cert.EmailAddresses {
		out = append(out, wire.GeneralName{Rfc822Name: &address})
	}
	for _, uri := range cert.URIs {
		out = append(out, wire.GeneralName{UniformResourceIdentifier: awsapi.Ptr(uri.String())})
	}
	return out
}
