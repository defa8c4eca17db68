package rest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// httpIntegration makes the call of an HTTP backend.
func (c *compiler) httpIntegration(uri string, in *snapshot.RESTIntegration) integration.Integration {
	out := &integration.HTTP{
		Backends: c.deps.Backends, Timeout: millis(in.TimeoutMillis),
		TLS: integration.ClientTLS{AnyIssuer: in.InsecureSkipVerify, Certificate: c.certificate},
	}
	if in.TransferMode == transferStream {
		out.Idle = c.streamIdle()
	}
	if in.ConnectionType != "VPC_LINK" {
		return out
	}
	if out.To = c.privateTarget(uri, in); out.To == nil && c.deps.VPCLink != nil {
		return &linked{out, expandStageVariables(in.ConnectionID, c.variables), c.stage.API, c.deps.VPCLink}
	}
	return out
}

// linked is an integration through a VPC link that has no target here.
//
// AWS: a link's id is not looked at before somebody calls: the integration and its
// deployment are taken, and the log of the call says what is wrong.
type linked struct {
	integration.Integration
	id    string
	api   snapshot.API
	known func(account, region, id string) bool
}

// Invoke calls the address itself, as long as the link exists.
func (l *linked) Invoke(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	if !l.known(l.api.AccountID, l.api.Region, l.id) {
		return nil, gwerr.New(gwerr.APIConfigurationError, fmt.Errorf("invalid VpcLink ID %s referenced in integration", l.id))
	}
	return l.Integration.Invoke(ctx, req)
}

// privateTarget finds out where a VPC link leads: by the load balancer that the
// integration names, by the link, or by the load balancer's host in its address.
func (c *compiler) privateTarget(uri string, in *snapshot.RESTIntegration) *url.URL {
	if c.deps.PrivateTarget == nil {
		return nil
	}
	base, ok := c.deps.PrivateTarget(expandStageVariables(in.Target, c.variables), expandStageVariables(in.ConnectionID, c.variables))
	if !ok {
		base, ok = c.deps.PrivateTarget(uriHost(uri), "")
	}
	if !ok {
		return nil
	}
	to, err := url.Parse(base)
	if err != nil {
		return nil
	}
	return to
}

// uriHost is the host of an address that may have placeholders behind it.
func uriHost(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(host)
}

// clientCertificate reads the key pair that the stage shows to backends.
func clientCertificate(rest *snapshot.REST) (*integration.ClientCertificate, error) {
	pair := rest.ClientCertificate
	if pair == nil {
		return nil, nil
	}
	out := &integration.ClientCertificate{ID: rest.ClientCertificateID}
	var err error
	if out.Pair, err = tls.X509KeyPair([]byte(pair.CertificatePEM), []byte(pair.KeyPEM)); err != nil {
		return nil, fmt.Errorf("client certificate %s: %w", rest.ClientCertificateID, err)
	}
	return out, nil
}
