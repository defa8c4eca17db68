package rest

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"strings"

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
	if in.ConnectionType == "VPC_LINK" {
		out.To = c.privateTarget(uri, in)
	}
	return out
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
