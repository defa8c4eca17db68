package domains_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
)

// patchRow is one PATCH of one operation, and a part of the answer or the refusal's
// text, or with a leading ! what the answer must not have.
type patchRow struct{ op, path, value, want string }

func (f *fixture) patch(rows []patchRow, update func([]v1types.PatchOperation) (any, error)) {
	f.Helper()
	for _, r := range rows {
		out, err := update(ops(r.op, r.path, r.value))
		var refused smithy.APIError
		if errors.As(err, &refused) {
			if refused.ErrorMessage() != r.want {
				f.Errorf("%s %s %q\ngot  %s\nwant %s", r.op, r.path, r.value, refused.ErrorMessage(), r.want)
			}
			continue
		}
		text, jsonErr := json.Marshal(out)
		if jsonErr != nil || err != nil {
			f.Fatal(err, jsonErr)
		}
		want, absent := strings.CutPrefix(r.want, "!")
		if strings.Contains(string(text), want) == absent {
			f.Errorf("%s %s %q\ngot  %s\nwant %s", r.op, r.path, r.value, text, r.want)
		}
	}
}

// Every path of a domain's PATCH that TestUpdateDomainName leaves out, with what is
// refused at each.
func TestPatchDomainName(t *testing.T) {
	f := newFixture(t)
	const notAny, onlyReplace = "Invalid patch operation specified. Must be one of: [add, replace, remove]", "Invalid patch operation specified. Must be one of: [replace]"
	var unsupported []patchRow
	for _, path := range []string{"/certificateArn", "/certificateName", "/regionalCertificateArn", "/regionalCertificateName", "/ownershipVerificationCertificateArn", "/mutualTlsAuthentication/truststoreUri", "/mutualTlsAuthentication/truststoreVersion"} {
		unsupported = append(unsupported, patchRow{"copy", path, "x", notAny})
	}
	for _, path := range []string{"/endpointConfiguration/ipAddressType", "/endpointAccessMode", "/managementPolicy", "/policy", "/routingMode", "/securityPolicy"} {
		unsupported = append(unsupported, patchRow{"add", path, "x", onlyReplace}, patchRow{"remove", path, "-", onlyReplace})
	}
	update := func(name string, id *string) func([]v1types.PatchOperation) (any, error) {
		return func(o []v1types.PatchOperation) (any, error) {
			return f.one.UpdateDomainName(t.Context(), &v1.UpdateDomainNameInput{DomainName: &name, DomainNameId: id, PatchOperations: o})
		}
	}
	f.regional("a.example.com")
	f.patch(append(unsupported, []patchRow{
		{"add", "/regionalCertificateName", "n", `"RegionalCertificateName":"n"`}, {"replace", "/regionalCertificateName", "m", `"RegionalCertificateName":"m"`}, {"remove", "/regionalCertificateName", "-", `"RegionalCertificateName":null`},
		{"add", "/certificateName", "n", `"CertificateName":"n"`}, {"remove", "/certificateName", "-", `"CertificateName":null`},
		{"replace", "/endpointConfiguration/ipAddressType", "dualstack", `"IpAddressType":"dualstack"`}, {"replace", "/endpointConfiguration/ipAddressType", "ipv6", "Invalid value specified for endpointConfiguration/ipAddressType: ipv6"},
		{"replace", "/endpointAccessMode", "STRICT", `"EndpointAccessMode":"STRICT"`}, {"replace", "/endpointAccessMode", "LOOSE", "Invalid value specified for endpointAccessMode: LOOSE"},
		{"replace", "/managementPolicy", `{"Statement":[]}`, "A management policy is only supported for PRIVATE domain names"},
		{"replace", "/routingMode", "ROUTING_RULE_ONLY", `"RoutingMode":"ROUTING_RULE_ONLY"`}, {"replace", "/routingMode", "NONE", "Invalid value specified for routingMode: NONE"},
		{"add", "/endpointConfiguration/types", "PRIVATE", "Invalid value specified for endpointConfiguration/types: PRIVATE"}, {"replace", "/endpointConfiguration/types", "EDGE", "Invalid patch operation specified. Must be one of: [add, remove]"},
		{"replace", "/endpointConfiguration", "x", "Invalid patch path /endpointConfiguration"}, {"replace", "/tags/a", "x", "Invalid patch path /tags/a"},
	}...), update("a.example.com", nil))
	private := f.private("p.example.com")
	f.patch([]patchRow{
		{"replace", "/managementPolicy", `{"Statement":[{"Resource":"execute-api:/*"}]}`, `"ManagementPolicy":"{`}, {"replace", "/managementPolicy", "", `"ManagementPolicy":null`},
		{"replace", "/policy", "", `"Policy":null`}, {"replace", "/endpointConfiguration/ipAddressType", "ipv4", "Only dualstack ipAddressType is supported for Private domain names."},
	}, update("p.example.com", private.DomainNameId))
	must[v1.CreateBasePathMappingOutput](f)(f.one.CreateBasePathMapping(t.Context(), &v1.CreateBasePathMappingInput{DomainName: aws.String("a.example.com"), RestApiId: aws.String("rest")}))
	f.patch([]patchRow{
		{"replace", "/stage", "dev", `"Stage":"dev"`}, {"replace", "/stage", "(none)", `"Stage":null`}, {"replace", "/restapiId", "none", "Invalid REST API identifier specified"},
		{"remove", "/basePath", "-", onlyReplace}, {"replace", "/restApiId", "x", "Invalid patch path /restApiId"}, {"replace", "/basePath", "a/b", "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2."},
		{"replace", "/basepath", "(none)", `"BasePath":"(none)"`},
	}, func(o []v1types.PatchOperation) (any, error) {
		return f.one.UpdateBasePathMapping(t.Context(), &v1.UpdateBasePathMappingInput{DomainName: aws.String("a.example.com"), BasePath: aws.String("(none)"), PatchOperations: o})
	})
}
