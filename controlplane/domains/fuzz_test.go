package domains

import (
	"strings"
	"testing"

	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

func FuzzTruststore(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----BEGIN KEY-----\n-----END KEY-----\n"))
	f.Add([]byte("rubbish"))
	f.Fuzz(func(t *testing.T, bundle []byte) {
		if warnings, count := examine(bundle); len(warnings) > max(1, count) {
			t.Errorf("%d warnings of %d certificates", len(warnings), count)
		}
	})
}

func FuzzPatch(f *testing.F) {
	for _, path := range []string{"/endpointConfiguration/types/0", "/endpointConfiguration/types/EDGE", "/endpointConfiguration/types", "/policy", "/mutualTlsAuthentication/truststoreVersion", "/routingMode", ""} {
		f.Add("replace", path, "REGIONAL")
	}
	f.Fuzz(func(t *testing.T, op, path, value string) {
		d := &Domain{Name: "a.example.com", Types: []string{edge, regional}}
		if err := patchDomain(&txn{s: &Service{}}, d, []wire.PatchOperation{{Op: &op, Path: &path, Value: &value}}); err == nil && len(d.Types) > 2 {
			t.Errorf("types %v", d.Types)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, key := range []string{"", "v1", "v1/orders", "/v1", "v1//x", "a b", "$-_.+!*'()"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if checkKey(key) == nil && (strings.HasPrefix(key, "/") || strings.HasSuffix(key, "/") || strings.Contains(key, "//") || strings.Contains(key, "%")) {
			t.Errorf("%q was taken", key)
		}
	})
}
