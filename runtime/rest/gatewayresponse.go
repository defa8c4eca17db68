package rest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// gatewayResponses are an API's answers to errors, by type. A type that is not
// there falls back to DEFAULT_4XX or DEFAULT_5XX and then to what AWS does.
type gatewayResponses map[gwerr.Type]*gatewayResponse

// defaultGatewayResponses are those of an API that customises none.
var defaultGatewayResponses gatewayResponses

// gatewayResponse is one compiled gateway response.
type gatewayResponse struct {
	status    int // 0: the error's own
	header    []parameter
	templates map[string]substitution
	first     substitution // for an Accept that matches nothing; nil: the default
}

// substitution is a gateway response template. AWS: plain replacing of variables,
// no Velocity.
type substitution []segment

type segment struct {
	text string
	from source // nil: text
}

// A brace behind a variable is the variable's only where one stands before it: the
// default templates end in one of their own.
const variableName = `(?:context|stageVariables|method\.request\.(?:header|querystring|path))\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*`

var substituted = lazyregexp.New(`\$(?:\{(` + variableName + `)\}|(` + variableName + `))`)

func compileSubstitution(text string) (substitution, error) {
	var out substitution
	at := 0
	for _, f := range substituted().FindAllStringSubmatchIndex(text, -1) {
		name := f[2:4]
		if name[0] < 0 {
			name = f[4:6]
		}
		from, err := gatewaySource(text[name[0]:name[1]])
		if err != nil {
			return nil, err
		}
		out = append(out, segment{text: text[at:f[0]]}, segment{from: from})
		at = f[1]
	}
	return append(out, segment{text: text[at:]}), nil
}

// gatewaySource compiles an expression of a gateway response. Unlike in mappings,
// all of $context is there.
func gatewaySource(expr string) (source, error) {
	if name, ok := strings.CutPrefix(expr, "context."); ok {
		return contextSource(name), nil
	}
	return compileSource(expr)
}

func (s substitution) render(c *call) []byte {
	var out []byte
	for _, seg := range s {
		if seg.from == nil {
			out = append(out, seg.text...)
			continue
		}
		// A variable without a value renders empty.
		if v, err := seg.from(c, nil); err == nil && len(v) > 0 {
			out = append(out, v[0]...)
		}
	}
	return out
}

func compileGatewayResponses(list []snapshot.RESTGatewayResponse) (gatewayResponses, error) {
	out := make(gatewayResponses, len(list))
	for i := range list {
		g, err := compileGatewayResponse(&list[i])
		if err != nil {
			return nil, fmt.Errorf("gateway response %s: %w", list[i].Type, err)
		}
		out[gwerr.Type(list[i].Type)] = g
	}
	return out, nil
}

func compileGatewayResponse(in *snapshot.RESTGatewayResponse) (*gatewayResponse, error) {
	g := &gatewayResponse{templates: map[string]substitution{}}
	var err error
	if in.StatusCode != "" {
		if g.status, err = strconv.Atoi(in.StatusCode); err != nil {
			return nil, err
		}
	}
	for _, dest := range sortedKeys(in.ResponseParameters) {
		from, err := gatewaySource(in.ResponseParameters[dest])
		if err != nil {
			return nil, err
		}
		g.header = append(g.header, parameter{strings.TrimPrefix(dest, "gatewayresponse.header."), from})
	}
	for _, contentType := range sortedKeys(in.ResponseTemplates) {
		s, err := compileSubstitution(in.ResponseTemplates[contentType])
		if err != nil {
			return nil, err
		}
		g.templates[mediaType(contentType)] = s
		if g.first == nil {
			g.first = s
		}
	}
	return g, nil
}

func (g gatewayResponses) find(e *gwerr.Error) *gatewayResponse {
	if e.Type == gwerr.RequestTooLarge {
		return nil // AWS: it cannot be customised
	}
	if own := g[e.Type]; own != nil {
		return own
	}
	if e.StatusCode() >= 500 {
		return g[gwerr.Default5XX]
	}
	return g[gwerr.Default4XX]
}

// render makes the client's answer of an error, and notes the error for logs.
func (g gatewayResponses) render(c *call, e *gwerr.Error) *integration.Response {
	rc := c.rc
	rc.Error.Message, rc.Error.ResponseType, rc.Error.Err = e.Text(), string(e.Type), e
	res := &integration.Response{Status: e.StatusCode(), Header: http.Header{"x-amzn-ErrorType": {errorType(e)}}}
	for name, values := range e.Header {
		res.Header[name] = values
	}
	own := g.find(e)
	if own == nil {
		res.Body = defaultBody(rc, e)
		return res
	}
	if own.status != 0 {
		res.Status = own.status
	}
	for _, p := range own.header {
		// An expression that fails is a header that is missing.
		if v, err := p.from(c, nil); err == nil && len(v) > 0 {
			delete(res.Header, sameName(res.Header, p.name))
			setResponseHeader(res.Header, p.name, v, mappedNames)
		}
	}
	accept := mediaType(c.r.Header.Get("Accept"))
	switch {
	case own.templates[accept] != nil:
		res.Body = own.templates[accept].render(c)
		if res.Header["Content-Type"] == nil {
			res.Header["Content-Type"] = []string{accept}
		}
	case own.templates[jsonMedia] != nil:
		res.Body = own.templates[jsonMedia].render(c)
	case own.first != nil:
		res.Body = own.first.render(c)
	default:
		res.Body = defaultBody(rc, e)
	}
	return res
}

// defaultBody is what AWS answers where nothing is customised. The 5XX bodies of
// integrations have a space behind the colon, and a refusal by a policy a capital
// letter, unlike the templates that AWS shows for them.
func defaultBody(rc *reqcontext.Context, e *gwerr.Error) []byte {
	message, ok := rc.Lookup("error.messageString")
	if !ok {
		message = "null"
	}
	switch e.Type {
	case gwerr.APIConfigurationError, gwerr.IntegrationFailure, gwerr.IntegrationTimeout, gwerr.Default5XX:
		return []byte(`{"message": ` + message + `}`)
	case gwerr.AccessDenied:
		return []byte(`{"Message":` + message + `}`)
	}
	return []byte(`{"message":` + message + `}`)
}

var errorTypes = map[gwerr.Type]string{
	gwerr.AccessDenied:                 "AccessDeniedException",
	gwerr.AuthorizerConfigurationError: "AuthorizerConfigurationException",
	gwerr.AuthorizerFailure:            "AuthorizerFailureException",
	gwerr.BadRequestBody:               "BadRequestException",
	gwerr.BadRequestParameters:         "BadRequestException",
	gwerr.Default4XX:                   "BadRequestException",
	gwerr.ExpiredToken:                 "ExpiredTokenException",
	gwerr.InvalidAPIKey:                "ForbiddenException",
	gwerr.InvalidSignature:             "InvalidSignatureException",
	gwerr.MissingAuthenticationToken:   "MissingAuthenticationTokenException",
	gwerr.QuotaExceeded:                "LimitExceededException",
	gwerr.RequestTooLarge:              "RequestTooLargeException",
	gwerr.ResourceNotFound:             "ForbiddenException",
	gwerr.Throttled:                    "TooManyRequestsException",
	gwerr.Unauthorized:                 "UnauthorizedException",
	gwerr.UnsupportedMediaType:         "BadRequestException",
	gwerr.WAFFiltered:                  "ForbiddenException",
}

func errorType(e *gwerr.Error) string {
	if t := errorTypes[e.Type]; t != "" {
		return t
	}
	return "InternalServerErrorException"
}
