package acm

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/acm"
)

// checkStatement wants a statement, and whatever is in it, to say one thing each.
func checkStatement(st *wire.CertificateFilterStatement) error {
	if st == nil {
		return nil
	}
	unions := []any{st}
	if f := st.Filter; f != nil {
		unions = append(unions, f)
		if x := f.X509AttributeFilter; x != nil {
			unions = append(unions, x)
			if x.Subject != nil {
				unions = append(unions, x.Subject)
			}
			if x.SubjectAlternativeName != nil {
				unions = append(unions, x.SubjectAlternativeName)
			}
		}
		if f.AcmCertificateMetadataFilter != nil {
			unions = append(unions, f.AcmCertificateMetadataFilter)
		}
	}
	for _, u := range unions {
		if members(u) != 1 {
			// unverified against AWS: the text.
			return awsapi.Validation("A filter must have exactly one of its members.")
		}
	}
	if err := checkStatement(st.Not); err != nil {
		return err
	}
	for _, list := range [][]wire.CertificateFilterStatement{st.And, st.Or} {
		for i := range list {
			if err := checkStatement(&list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// members counts what is set of a structure.
func members(structure any) (n int) {
	v := reflect.ValueOf(structure).Elem()
	for i := range v.NumField() {
		if !v.Field(i).IsNil() {
			n++
		}
	}
	return n
}

// holds tells whether a statement is true of a certificate.
func holds(st *wire.CertificateFilterStatement, r *wire.CertificateSearchResult) bool {
	each := func(st wire.CertificateFilterStatement) bool { return holds(&st, r) }
	switch {
	case st.And != nil:
		return !slices.ContainsFunc(st.And, func(st wire.CertificateFilterStatement) bool { return !each(st) })
	case st.Or != nil:
		return slices.ContainsFunc(st.Or, each)
	case st.Not != nil:
		return !each(*st.Not)
	}
	switch f := st.Filter; {
	case f.CertificateArn != nil:
		return *f.CertificateArn == *r.CertificateArn
	case f.X509AttributeFilter != nil:
		return attributeHolds(f.X509AttributeFilter, r.X509Attributes)
	default:
		return metadataHolds(f.AcmCertificateMetadataFilter, r.CertificateMetadata.AcmCertificateMetadata)
	}
}

func attributeHolds(f *wire.X509AttributeFilter, x *wire.X509Attributes) bool {
	switch {
	case f.Subject != nil:
		n := f.Subject.CommonName
		return nameHolds(*n.ComparisonOperator, *n.Value, awsapi.Val(x.Subject.CommonName))
	case f.SubjectAlternativeName != nil:
		n := f.SubjectAlternativeName.DnsName
		return slices.ContainsFunc(x.SubjectAlternativeNames, func(have wire.GeneralName) bool {
			return have.DnsName != nil && nameHolds(*n.ComparisonOperator, *n.Value, *have.DnsName)
		})
	case f.ExtendedKeyUsage != nil:
		return slices.Contains(x.ExtendedKeyUsages, *f.ExtendedKeyUsage)
	case f.KeyUsage != nil:
		return slices.Contains(x.KeyUsages, *f.KeyUsage)
	case f.KeyAlgorithm != nil:
		return *f.KeyAlgorithm == awsapi.Val(x.KeyAlgorithm)
	case f.SerialNumber != nil:
		return *f.SerialNumber == *x.SerialNumber
	case f.NotAfter != nil:
		return within(f.NotAfter, *x.NotAfter)
	}
	return within(f.NotBefore, *x.NotBefore)
}

// nameHolds compares names as DNS does. AWS: EQUALS or CONTAINS.
func nameHolds(operator, want, have string) bool {
	if operator == "EQUALS" {
		return strings.EqualFold(want, have)
	}
	return strings.Contains(strings.ToLower(have), strings.ToLower(want))
}

// within tells whether a moment is in a range, both of whose ends belong to it.
func within(r *wire.TimestampRange, at time.Time) bool {
	return (r.Start == nil || !at.Before(*r.Start)) && (r.End == nil || !at.After(*r.End))
}

func metadataHolds(f *wire.AcmCertificateMetadataFilter, m *wire.AcmCertificateMetadata) bool {
	for _, truth := range [][2]*bool{{f.InUse, m.InUse}, {f.Exported, m.Exported}} {
		if truth[0] != nil {
			return *truth[0] == *truth[1]
		}
	}
	for _, text := range [][2]*string{{f.Status, m.Status}, {f.RenewalStatus, m.RenewalStatus}, {f.Type, m.Type}, {f.ExportOption, m.ExportOption}, {f.ManagedBy, m.ManagedBy}} {
		if text[0] != nil {
			return *text[0] == awsapi.Val(text[1])
		}
	}
	return *f.ValidationMethod == awsapi.Val(m.ValidationMethod)
}
