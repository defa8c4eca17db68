package emulator

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/apigatewayv2"
	"github.com/postern/postern/controlplane/domains"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/acm"
	"github.com/postern/postern/emulator/frontdoor"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/runtime/snapshot"
)

// serveCustomDomain answers a request to a custom domain name.
func (e *Emulator) serveCustomDomain(w http.ResponseWriter, r *http.Request, t *frontdoor.Target) {
	target, refuse := e.services.names.Resolve(r, t.Host, t.Path)
	if refuse != "" {
		e.services.gateway.Refuse(w, r, target, refuse)
		return
	}
	e.services.gateway.ServeAPI(w, r, target)
}

// wantsClientCert tells whether mutual TLS is on for the name that a client asks for.
func (e *Emulator) wantsClientCert(serverName string) bool {
	return e.services.names.WantsClientCert(serverName)
}

// certificateOf gives the certificate of the custom domain that a TLS client asks for,
// where it came with the domain or ACM has it.
func (e *Emulator) certificateOf(serverName string) *tls.Certificate {
	if cert := e.services.names.Certificate(serverName); cert != nil {
		return cert
	}
	return e.services.acm.TLSCertificate(e.services.names.CertificateARN(serverName))
}

// certificates finds ACM's for custom domain names.
type certificates struct{ now func() time.Time }

// Find implements domains.Certificates.
func (c certificates) Find(tx *store.Tx, arn string) (domains.Certificate, bool) {
	cert, ok := acm.Find(tx, arn)
	if !ok {
		return domains.Certificate{}, false
	}
	return domains.Certificate{Covers: cert.Covers, Usable: cert.Usable(c.now()), Public: cert.Type == acm.AmazonIssued}, true
}

// mappable finds the APIs of either kind that custom domain names lead to.
type mappable struct{}

// Kind implements domains.APIs.
func (mappable) Kind(tx *store.Tx, scope store.Scope, apiID string) (snapshot.Kind, bool) {
	switch {
	case apigateway.APIExists(tx, scope, apiID):
		return snapshot.KindREST, true
	case apigatewayv2.APIExists(tx, scope, apiID):
		return snapshot.KindHTTP, true
	}
	return "", false
}

// HasStage implements domains.APIs.
func (mappable) HasStage(tx *store.Tx, scope store.Scope, apiID, stage string) bool {
	return apigateway.StageExists(tx, scope, apiID, stage) || apigatewayv2.StageExists(tx, scope, apiID, stage)
}

// readTruststore reads the bundle of a domain's trusted certificates from S3.
func (e *Emulator) readTruststore(ctx context.Context, scope store.Scope, bucket, key, version string) ([]byte, error) {
	return e.fetchObject(ctx, lambda.Object{Scope: scope, Bucket: bucket, Key: key, Version: version})
}
