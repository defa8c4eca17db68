package mapping_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/runtime/mapping"
)

// BenchmarkMethodRequestPassthrough renders the template that the AWS console
// offers for passing all parameters on.
func BenchmarkMethodRequestPassthrough(b *testing.B) {
	archive, err := txtar.ParseFile("testdata/idioms.txtar")
	if err != nil {
		b.Fatal(err)
	}
	var src string
	for _, f := range archive.Files {
		if f.Name == "method request passthrough/template" {
			src = strings.TrimSuffix(string(f.Data), "\n")
		}
	}
	template, err := mapping.Compile(src)
	if err != nil {
		b.Fatal(err)
	}
	header := []mapping.Param{
		{Name: "Accept", Value: "*/*"}, {Name: "Accept-Encoding", Value: "gzip, deflate, br"},
		{Name: "Authorization", Value: "Bearer abcdefghijklmnopqrstuvwxyz"}, {Name: "Content-Type", Value: "application/json"},
		{Name: "Host", Value: "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"}, {Name: "User-Agent", Value: "curl/8.5.0"},
		{Name: "X-Amzn-Trace-Id", Value: "Root=1-3152b799-8954dae64eda91bc9a23a7e8"}, {Name: "X-Forwarded-For", Value: "203.0.113.7"},
		{Name: "X-Forwarded-Port", Value: "443"}, {Name: "X-Forwarded-Proto", Value: "https"},
	}
	facts := []mapping.Fact{
		{Name: "resourceId", Value: "r1"}, {Name: "resourcePath", Value: "/pets/{id}"}, {Name: "httpMethod", Value: "POST"},
		{Name: "extendedRequestId", Value: "x"}, {Name: "requestTime", Value: "22/Jul/2024:22:52:30 +0000"},
		{Name: "path", Value: "/dev/pets/1"}, {Name: "accountId", Value: "111111111111"}, {Name: "protocol", Value: "HTTP/1.1"},
		{Name: "stage", Value: "dev"}, {Name: "requestTimeEpoch", Value: int64(1700000000000)}, {Name: "requestId", Value: "id"},
		{Name: "identity", Value: []mapping.Fact{{Name: "sourceIp", Value: "203.0.113.7"}, {Name: "userAgent", Value: "curl/8.5.0"}}},
		{Name: "domainName", Value: "d"}, {Name: "domainPrefix", Value: "p"}, {Name: "deploymentId", Value: "dep"}, {Name: "apiId", Value: "a1"},
	}
	body := []byte(`{"name": "Rex", "type": "dog", "tags": ["a", "b"], "owner": {"id": 17, "city": "Berlin"}, "price": 12.5}`)
	b.ReportAllocs()
	for b.Loop() {
		_, err := template.Render(b.Context(), mapping.Input{
			Body: body, Header: header,
			Path:           []mapping.Param{{Name: "id", Value: "1"}},
			Query:          []mapping.Param{{Name: "page", Value: "2"}, {Name: "sort", Value: "name"}},
			StageVariables: []mapping.Param{{Name: "env", Value: "dev"}, {Name: "table", Value: "pets"}},
			Context:        mapping.NewContext(func() []mapping.Fact { return facts }),
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
