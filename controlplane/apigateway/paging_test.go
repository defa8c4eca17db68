package apigateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func TestPaging(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	for i := range 60 {
		f.resource(api, root, fmt.Sprint("r", i))
	}
	list := func(query string) (items int, position string) {
		t.Helper()
		code, body := f.raw("GET", "/restapis/"+api+"/resources"+query, "")
		var page struct {
			Item     []any
			Position string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || code != 200 {
			t.Fatalf("%d %s", code, body)
		}
		return len(page.Item), page.Position
	}
	for query, want := range map[string]int{"": 25, "?limit=7": 7, "?limit=0": 25, "?limit=-1": 25, "?limit=61": 61, "?limit=500": 61, "?limit=10000": 61} {
		if n, position := list(query); n != want || (position == "") != (want == 61) {
			t.Errorf("%s: %d items, position %q", query, n, position)
		}
	}
	total, position := list("")
	for position != "" {
		var n int
		n, position = list("?position=" + position)
		total += n
	}
	if total != 61 {
		t.Errorf("%d over all pages", total)
	}
	if code, body := f.raw("GET", "/restapis?position=wrong", ""); code != 400 || body != `{"message":"Invalid position parameter."}` {
		t.Errorf("%d %s", code, body)
	}
	// AWS: stages are not paged, and an empty list is a list.
	if _, body := f.raw("GET", "/restapis/"+api+"/stages", ""); body != `{"item":[]}` {
		t.Errorf("no stages: %s", body)
	}
	if _, body := f.raw("GET", "/vpclinks", ""); body != `{"item":[]}` {
		t.Errorf("no VPC links: %s", body)
	}
}

func TestEmbed(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	f.mock(api, root, "GET")
	for path, want := range map[string]string{
		"/resources":                            `"resourceMethods":{"GET":{}}`,
		"/resources?embed=methods":              `"resourceMethods":{"GET":{"httpMethod":"GET",`,
		"/resources/" + root:                    `"resourceMethods":{"GET":{}}`,
		"/resources/" + root + "?embed=methods": `"methodIntegration":{"type":"MOCK"`,
	} {
		if _, body := f.raw("GET", "/restapis/"+api+path, ""); !strings.Contains(body, want) {
			t.Errorf("%s: %s", path, body)
		}
	}
	deployment := f.deploy(api, "")
	for query, want := range map[string]bool{"": false, "?embed=apisummary": true} {
		if _, body := f.raw("GET", "/restapis/"+api+"/deployments/"+deployment+query, ""); strings.Contains(body, `"apiSummary":{"/":{"GET":{"authorizationType":"NONE","apiKeyRequired":false}}}`) != want {
			t.Errorf("%q: %s", query, body)
		}
	}
}

func tooMany(what, owner string) string {
	return "Maximum number of " + what + " for this " + owner + " has been reached. Please contact AWS if you need additional " + what + "."
}

// What an API and an account can have, by hand and by import.
func TestLimits(t *testing.T) {
	f := newFixture(t)
	api, root := f.api()
	refused := func(err error, what, owner string) {
		t.Helper()
		f.refused(err, "LimitExceededException", tooMany(what, owner))
	}
	paths := func(n int) []byte {
		var b strings.Builder
		b.WriteString(`{"openapi":"3.0.1","info":{"title":"many","version":"1"},"paths":{"/":{}`)
		for i := range n {
			fmt.Fprintf(&b, `,"/r%d":{}`, i)
		}
		b.WriteString("}}")
		return []byte(b.String())
	}
	must[sdk.PutRestApiOutput](f)(f.c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: &api, Body: paths(300)}))
	_, err := f.c.CreateResource(t.Context(), &sdk.CreateResourceInput{RestApiId: &api, ParentId: &root, PathPart: aws.String("more")})
	refused(err, "Resources", "API")
	_, err = f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: paths(301)})
	refused(err, "Resources", "API")

	authorize := func(i int) error {
		_, err := f.c.CreateAuthorizer(t.Context(), &sdk.CreateAuthorizerInput{RestApiId: &api, Name: aws.String(fmt.Sprint("a", i)), Type: "TOKEN", AuthorizerUri: aws.String(functionURI)})
		return err
	}
	for i := range 10 {
		if err := authorize(i); err != nil {
			t.Fatal(err)
		}
	}
	refused(authorize(10), "Authorizers", "API")

	f.mock(api, root, "GET")
	deployment := f.deploy(api, "")
	stage := func(i int) error {
		_, err := f.c.CreateStage(t.Context(), &sdk.CreateStageInput{RestApiId: &api, StageName: aws.String(fmt.Sprint("s", i)), DeploymentId: &deployment})
		return err
	}
	for i := range 10 {
		if err := stage(i); err != nil {
			t.Fatal(err)
		}
	}
	refused(stage(10), "Stages", "API")
	_, err = f.c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: &api, StageName: aws.String("one-more")})
	refused(err, "Stages", "API")

	link := func() error {
		_, err := f.c.CreateVpcLink(t.Context(), &sdk.CreateVpcLinkInput{Name: aws.String("l"), TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/n/1"}})
		return err
	}
	for range 20 {
		if err := link(); err != nil {
			t.Fatal(err)
		}
	}
	refused(link(), "VPC Links", "account")

	create := func(kind types.EndpointType) error {
		_, err := f.c.CreateRestApi(t.Context(), &sdk.CreateRestApiInput{Name: aws.String("x"), EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{kind}}})
		return err
	}
	for range 119 { // beside the one above
		if err := create("EDGE"); err != nil {
			t.Fatal(err)
		}
	}
	refused(create("EDGE"), "APIs", "account")
	_, err = f.c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: paths(1)})
	refused(err, "APIs", "account")
	if err := create("REGIONAL"); err != nil {
		t.Error(err)
	}
}

func TestDocumentationLimits(t *testing.T) {
	f := newFixture(t)
	api, _ := f.api()
	var b strings.Builder
	b.WriteString(`{"documentationParts":[{"location":{"type":"API"},"properties":{"a":"b"}}`)
	for i := range 1999 {
		fmt.Fprintf(&b, `,{"location":{"type":"MODEL","name":"M%d"},"properties":{"a":"b"}}`, i)
	}
	b.WriteString("]}")
	must[sdk.ImportDocumentationPartsOutput](f)(f.c.ImportDocumentationParts(t.Context(), &sdk.ImportDocumentationPartsInput{RestApiId: &api, Body: []byte(b.String())}))
	more := &types.DocumentationPartLocation{Type: "MODEL", Name: aws.String("More")}
	_, err := f.c.CreateDocumentationPart(t.Context(), &sdk.CreateDocumentationPartInput{RestApiId: &api, Location: more, Properties: aws.String("{}")})
	f.refused(err, "LimitExceededException", tooMany("Documentation Parts", "API"))
	for _, tc := range []struct {
		location types.DocumentationPartLocation
		want     string
	}{
		{types.DocumentationPartLocation{Type: "API", Path: aws.String("/")}, "[Location type: API cannot have path, method, statusCode or name defined.]"},
		{types.DocumentationPartLocation{Type: "METHOD", Path: aws.String("/"), StatusCode: aws.String("200")}, "[Location type: METHOD cannot have statusCode or name defined.]"},
		{types.DocumentationPartLocation{Type: "MODEL"}, "Invalid location specified: name is required for locations of type MODEL"},
	} {
		_, err := f.c.CreateDocumentationPart(t.Context(), &sdk.CreateDocumentationPartInput{RestApiId: &api, Location: &tc.location, Properties: aws.String("{}")})
		f.refused(err, "BadRequestException", tc.want)
	}
}
