package event

import (
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// AppendV2 writes the event of payload format 2.0.
func AppendV2(dst []byte, c *reqcontext.Context, in *Input) []byte {
	o := open(dst)
	o.str("version", "2.0")
	o.requestV2(c, in)
	if len(c.PathParameters) > 0 {
		o.params("pathParameters", c.PathParameters)
	}
	if len(c.StageVariables) > 0 {
		o.stringMap("stageVariables", c.StageVariables)
	}
	if len(in.Body) > 0 {
		o.body(in)
	}
	o.bool("isBase64Encoded", in.Base64 && len(in.Body) > 0)
	return o.close()
}

// requestV2 writes what events of integrations and of authorizers share.
func (o *object) requestV2(c *reqcontext.Context, in *Input) {
	path := rawPath(in.Path)
	o.str("routeKey", c.RouteKey)
	o.str("rawPath", path)
	o.str("rawQueryString", in.RawQuery)
	if cookies := Cookies(in.Header); cookies != nil {
		o.strings("cookies", cookies)
	}
	o.joined("headers", lowerHeaders(in.Header))
	if len(in.Query) > 0 {
		o.joined("queryStringParameters", group(in.Query))
	}
	o.contextV2(c, path)
}

// rawPath decodes a path once.
//
// AWS: an escaped question mark becomes one, and the path is reported cut there.
func rawPath(escaped string) string {
	path := reqcontext.DecodePath(escaped)
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	return path
}

// Cookies splits the Cookie headers into their pairs; nil when there are none.
func Cookies(h http.Header) []string {
	var out []string
	for _, line := range h["Cookie"] {
		for c := range strings.SplitSeq(line, ";") {
			if c = strings.TrimSpace(c); c != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

func lowerHeaders(h http.Header) []pair {
	pairs := headerPairs(h)
	out := pairs[:0]
	for _, p := range pairs {
		if p.name != "Cookie" {
			out = append(out, pair{lowerName(p.name), p.values})
		}
	}
	return out
}

// commonNames saves an allocation for each header that nearly every request has.
var commonNames = map[string]string{}

func init() {
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection",
		"Content-Length", "Content-Type", "Host", "Origin", "Pragma", "Referer", "Sec-Fetch-Dest",
		"Sec-Fetch-Mode", "Sec-Fetch-Site", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For",
		"X-Forwarded-Port", "X-Forwarded-Proto", "X-Requested-With",
	} {
		commonNames[name] = strings.ToLower(name)
	}
}

func lowerName(name string) string {
	if low, ok := commonNames[name]; ok {
		return low
	}
	return strings.ToLower(name)
}

func (o *object) contextV2(c *reqcontext.Context, path string) {
	o.key("requestContext")
	rc := open(o.dst)
	rc.str("accountId", c.AccountID)
	rc.str("apiId", c.APIID)
	if c.ClientCert != nil {
		rc.key("authentication")
		auth := open(rc.dst)
		auth.clientCert(c.ClientCert)
		rc.dst = auth.close()
	}
	rc.authorizerV2(c)
	rc.str("domainName", c.DomainName)
	rc.str("domainPrefix", c.DomainPrefix)
	rc.key("http")
	h := open(rc.dst)
	h.str("method", c.Method)
	h.str("path", path)
	h.str("protocol", c.Protocol)
	h.str("sourceIp", c.SourceIP)
	h.str("userAgent", c.UserAgent)
	rc.dst = h.close()
	rc.str("requestId", c.RequestID)
	rc.str("routeKey", c.RouteKey)
	rc.str("stage", c.Stage)
	rc.str("time", c.Start.UTC().Format(reqcontext.CLFTime))
	rc.int("timeEpoch", c.Start.UnixMilli())
	o.dst = rc.close()
}

func (o *object) authorizerV2(c *reqcontext.Context) {
	a := &c.Authorizer
	if a.Kind == reqcontext.NoAuthorizer {
		return
	}
	o.key("authorizer")
	out := open(o.dst)
	switch a.Kind {
	case reqcontext.LambdaAuthorizer:
		if a.Context == nil {
			out.null("lambda") // unverified against AWS: no context at all
		} else {
			out.json("lambda", a.Context)
		}
	case reqcontext.IAMAuthorizer:
		out.key("iam")
		out.dst = appendIAM(out.dst, &c.Identity)
	default:
		out.key("jwt")
		jwt := open(out.dst)
		jwt.stringMap("claims", a.Claims)
		jwt.scopes(a.Scopes)
		out.dst = jwt.close()
	}
	o.dst = out.close()
}

func (o *object) scopes(scopes []string) {
	if scopes == nil {
		o.null("scopes")
		return
	}
	o.strings("scopes", scopes)
}

func appendIAM(dst []byte, id *reqcontext.Identity) []byte {
	o := open(dst)
	o.strOrNull("accessKey", id.AccessKey)
	o.strOrNull("accountId", id.AccountID)
	o.strOrNull("callerId", id.Caller)
	if id.CognitoIdentityID == "" {
		o.null("cognitoIdentity")
	} else {
		o.key("cognitoIdentity")
		in := open(o.dst)
		in.strings("amr", id.CognitoAMR)
		in.str("identityId", id.CognitoIdentityID)
		in.str("identityPoolId", id.CognitoIdentityPoolID)
		o.dst = in.close()
	}
	o.strOrNull("principalOrgId", id.PrincipalOrgID)
	o.strOrNull("userArn", id.UserARN)
	o.strOrNull("userId", id.User)
	return o.close()
}

func (o *object) clientCert(c *reqcontext.ClientCert) {
	o.key("clientCert")
	in := open(o.dst)
	in.str("clientCertPem", c.PEM)
	in.str("subjectDN", c.SubjectDN)
	in.str("issuerDN", c.IssuerDN)
	in.str("serialNumber", c.SerialNumber)
	in.key("validity")
	v := open(in.dst)
	v.str("notBefore", c.NotBefore)
	v.str("notAfter", c.NotAfter)
	in.dst = v.close()
	o.dst = in.close()
}
