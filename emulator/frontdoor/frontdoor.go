package frontdoor

import "strings"

// Door holds what classification depends on beside the request. It is set up
// once and then only read.
type Door struct {
	// Hostnames are further names that Postern is reached by, lower case;
	// {api}.execute-api.{hostname} then works as it does for localhost.
	Hostnames []string
	// Account and Region belong to a request that does not name its own.
	Account, Region string
	// CustomDomain says whether a host, lower case and without a port, is a
	// registered custom domain name. Nil: none is.
	CustomDomain func(host string) bool
	// KeyAccount finds the account of an access key that Postern issued, as
	// those of assumed roles. Nil: it issued none.
	KeyAccount func(accessKey string) (account string, ok bool)
}

// Kind is what sort of thing a request is for.
type Kind uint8

// The kinds of target.
const (
	Unclaimed    Kind = iota // nothing known; if S3 is served at all, S3 in path style
	Execute                  // an API's data plane
	CustomDomain             // an API's data plane, behind a custom domain name
	FunctionURL              // a Lambda function URL
	Postern                  // Postern's own pages, /_postern/…
	Service                  // an AWS service's API
)

var kindNames = [...]string{"unclaimed", "execute-api", "custom-domain", "function-url", "postern", "service"}

func (k Kind) String() string { return kindNames[k] }

// Target is what a request is for. Fields that do not apply are empty.
type Target struct {
	Kind Kind
	// Host is the request's, lower case and without a port.
	Host string
	// Path is the escaped path that the target sees. For Execute the stage
	// comes first whatever form the URL had; otherwise it is as sent.
	Path string

	// APIID is set for Execute. It is empty where a VPC endpoint's own name
	// was called without x-apigw-api-id.
	APIID string
	// VPCEndpoint is the id of the VPC endpoint that the host names.
	VPCEndpoint string
	// URLID is the id of a function URL.
	URLID string
	// PathForm says that the API or function URL was named by the path, so
	// that the host says nothing about it.
	PathForm bool

	// Service is the service's name as the SDKs have it: apigateway,
	// apigatewayv2, apigatewaymanagementapi, lambda, cloudwatch, …
	Service string
	// Protocol is how the client of Service speaks.
	Protocol Protocol
	// Operation is the operation's name where it can be had without reading
	// the body.
	Operation string

	// Account and Region say where a Service call works; for a data-plane
	// host, Region is that of the host, if any.
	Account, Region string
	// AccessKey is the access key id that a Service call is signed with.
	AccessKey string
}

// DataPlane says whether the request is for an API or a function URL: traffic
// of users of what is being developed, not of its developer.
func (t *Target) DataPlane() bool {
	return t.Kind == Execute || t.Kind == CustomDomain || t.Kind == FunctionURL
}

// Classify says what a request is for. It always has an answer.
func (d *Door) Classify(r Request) Target {
	t := Target{Host: hostname(r.Host), Path: r.Path}
	switch {
	case d.dataPlaneHost(&t, r):
	case d.CustomDomain != nil && !d.own(t.Host) && d.CustomDomain(t.Host):
		t.Kind = CustomDomain
	case dataPlanePath(&t, r):
	case posternPath(&t):
	default:
		d.service(&t, r)
	}
	return t
}

// dataPlanePath recognises the forms that name an API in the path, and that
// of function URLs.
func dataPlanePath(t *Target, r Request) bool {
	path := oneSlash(r.Path)
	if rest, ok := strings.CutPrefix(path, "/_aws/execute-api/"); ok {
		t.APIID, t.Path = cutSegment(rest)
	} else if rest, ok := strings.CutPrefix(path, "/restapis/"); ok {
		id, rest := cutSegment(rest)
		stage, rest := cutSegment(strings.TrimPrefix(rest, "/"))
		marker, rest := cutSegment(strings.TrimPrefix(rest, "/"))
		if marker != "_user_request_" {
			return false // the management API's own path
		}
		t.APIID, t.Path = id, "/"+stage+rest
	} else if rest, ok := strings.CutPrefix(path, "/_lambda-url/"); ok {
		t.URLID, t.Path = cutSegment(rest)
		t.Kind = FunctionURL
		t.PathForm = true
		return true
	} else {
		return false
	}
	t.Kind = Execute
	t.PathForm = true
	return true
}

// cutSegment splits "a/b/c" into "a" and "/b/c", and "a" into "a" and "/".
func cutSegment(path string) (segment, rest string) {
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, "/"
}

// oneSlash reduces a path's leading slashes to one: an endpoint URL that ends
// with a slash makes clients send two.
func oneSlash(path string) string {
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	return path
}

func posternPath(t *Target) bool {
	path := oneSlash(t.Path)
	switch {
	case path == "/_postern" || strings.HasPrefix(path, "/_postern/"):
		t.Path = path
	case path == "/_localstack/health":
		// Health checks that exist already.
		t.Path = "/_postern/health"
	default:
		return false
	}
	t.Kind = Postern
	return true
}
