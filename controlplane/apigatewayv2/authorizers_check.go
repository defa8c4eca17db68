package apigatewayv2

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/internal/lazyregexp"
)

var identitySource = lazyregexp.New(`^\$(request\.header|request\.querystring|context|stageVariables)\.[^\s]+$`)

// tokenSource is where a token can stand.
var tokenSource = lazyregexp.New(`^\$request\.(header|querystring)\.[^\s]+$`)

const maxAudiences = 50

// uniqueName tests that no other authorizer of the API is named so.
func (tx *txn) uniqueName(a *API, auth *Authorizer) error {
	for _, other := range authorizers.List(tx.Tx, tx.scope, a.ID+"/") {
		if other.ID != auth.ID && other.Name == auth.Name {
			// AWS: of HTTP APIs too it says RestApi.
			return awsapi.BadRequest("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", auth.Name)
		}
	}
	return nil
}

// check tests an authorizer as a whole.
func (a *Authorizer) check() error {
	switch a.Type {
	case requestAuthorizer:
		if err := a.checkRequest(); err != nil {
			return err
		}
	case jwtAuthorizer:
		if err := a.checkJWT(); err != nil {
			return err
		}
	default:
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid authorizer type specified. Must be one of [REQUEST, JWT]")
	}
	form := identitySource()
	if a.Type == jwtAuthorizer {
		form = tokenSource()
	}
	for _, source := range a.IdentitySources {
		if !form.MatchString(source) {
			return awsapi.BadRequest("Invalid identity source expression: %s. The source must be a request header, request querystring, stage variable or context parameter", source)
		}
	}
	return nil
}

func (a *Authorizer) checkRequest() error {
	switch {
	case a.PayloadFormat == "":
		return awsapi.BadRequest("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer")
	case a.PayloadFormat != "1.0" && a.PayloadFormat != "2.0":
		// unverified against AWS: the text.
		return awsapi.BadRequest("Unsupported AuthorizerPayloadFormatVersion: %s", a.PayloadFormat)
	case a.URI == "":
		return awsapi.BadRequest("AuthorizerUri is a required field in an Authorizer")
	case awsapi.Val(a.SimpleResponses) && a.PayloadFormat != "2.0":
		return awsapi.BadRequest(`EnableSimpleResponses can only be set for AuthorizerPayloadFormatVersion "2.0".`)
	case a.TTL != nil && (*a.TTL < 0 || *a.TTL > 3600):
		return awsapi.BadRequest("Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds.")
	case awsapi.Val(a.TTL) > 0 && len(a.IdentitySources) == 0:
		return awsapi.BadRequest("Identity source must be set if authorizer caching is enabled (TTL is greater than 0)")
	case a.JWT != nil:
		// unverified against AWS: the text.
		return awsapi.BadRequest("JwtConfiguration is only valid for JWT Authorizer")
	}
	return nil
}

func (a *Authorizer) checkJWT() error {
	if a.JWT == nil {
		return awsapi.BadRequest("JwtConfiguration must not be null for JWT Authorizer")
	}
	if !validIssuer(a.JWT.Issuer) {
		return awsapi.BadRequest("Invalid issuer: Issuer is not a valid URL for JWT Authorizer")
	}
	if len(a.JWT.Audience) == 0 {
		return awsapi.BadRequest("Audience list must have at least 1 item for JWT Authorizer")
	}
	// unverified against AWS: the texts below.
	switch {
	case len(a.IdentitySources) != 1:
		return awsapi.BadRequest("JWT Authorizer must have exactly one identity source")
	case len(a.JWT.Audience) > maxAudiences:
		return awsapi.BadRequest("The number of audiences exceeds the maximum of 50")
	case a.TTL != nil || a.URI != "" || a.PayloadFormat != "" || a.SimpleResponses != nil || a.CredentialsARN != "":
		return awsapi.BadRequest("Only identity source and JwtConfiguration are valid for JWT Authorizer")
	}
	return nil
}

func validIssuer(s string) bool {
	issuer, err := url.Parse(s)
	return err == nil && issuer.Host != "" && (issuer.Scheme == "https" || local(issuer))
}

// checkIssuer asks for the discovery document of a JWT authorizer's issuer. It goes
// over the network: no transaction waits for it.
func (s *Service) checkIssuer(ctx context.Context, jwt *wire.JWTConfiguration) error {
	if s.cfg.CheckIssuer == nil || jwt == nil || !validIssuer(awsapi.Val(jwt.Issuer)) {
		return nil
	}
	if s.cfg.CheckIssuer(ctx, *jwt.Issuer) == nil {
		return nil
	}
	return awsapi.BadRequest("Caught exception when connecting to %s/.well-known/openid-configuration for issuer %s. Please try again later. "+
		"Error: Invalid issuer: %s. Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'",
		strings.TrimSuffix(*jwt.Issuer, "/"), *jwt.Issuer, *jwt.Issuer)
}

// local tells whether an issuer is on the developer's own machine or network of
// containers: that one may do without TLS, which AWS refuses.
func local(u *url.URL) bool {
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return u.Scheme == "http" && ip.IsLoopback()
	}
	return u.Scheme == "http" && (!strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || host == "host.docker.internal")
}
