package apigateway

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// Integration is what a method calls.
type Integration struct {
	Type                string
	HTTPMethod          string
	URI                 string
	ConnectionType      string
	ConnectionID        string
	Credentials         string
	RequestParameters   map[string]string
	RequestTemplates    map[string]string
	PassthroughBehavior string
	ContentHandling     string
	TimeoutMillis       int
	CacheNamespace      string
	CacheKeyParameters  []string
	InsecureSkipVerify  *bool
	TransferMode        string
	Target              string
	Responses           map[string]*IntegrationResponse // by status code
}

const defaultTimeoutMillis = 29000

var errIntegration = awsapi.NotFound("Invalid Integration identifier specified")

func (m *Method) integration() (*Integration, error) {
	if m.Integration == nil {
		return nil, errIntegration
	}
	return m.Integration, nil
}

func (s *Service) putIntegration(ctx context.Context, in *wire.PutIntegrationInput) (*wire.Integration, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Integration, error) {
		r, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		i := newIntegration(in, r.ID)
		if err := tx.checkIntegration(m, i, nil); err != nil {
			return nil, err
		}
		m.Integration = i
		return i.wire(), nil
	})
}

func newIntegration(in *wire.PutIntegrationInput, resourceID string) *Integration {
	i := &Integration{
		Type: *in.Type, HTTPMethod: awsapi.Val(in.IntegrationHttpMethod), URI: awsapi.Val(in.Uri),
		ConnectionType: awsapi.Val(in.ConnectionType), ConnectionID: awsapi.Val(in.ConnectionId), Credentials: awsapi.Val(in.Credentials),
		RequestParameters: in.RequestParameters, RequestTemplates: in.RequestTemplates,
		PassthroughBehavior: awsapi.Val(in.PassthroughBehavior), ContentHandling: awsapi.Val(in.ContentHandling),
		TimeoutMillis: awsapi.Val(in.TimeoutInMillis), CacheNamespace: awsapi.Val(in.CacheNamespace),
		CacheKeyParameters: in.CacheKeyParameters, TransferMode: awsapi.Val(in.ResponseTransferMode), Target: awsapi.Val(in.IntegrationTarget),
	}
	if in.TlsConfig != nil {
		// unverified against AWS: an empty tlsConfig is kept as one that verifies.
		i.InsecureSkipVerify = awsapi.Ptr(awsapi.Val(in.TlsConfig.InsecureSkipVerification))
	}
	if in.TimeoutInMillis == nil {
		i.TimeoutMillis = defaultTimeoutMillis
	}
	i.fillDefaults(resourceID)
	return i
}

func (i *Integration) fillDefaults(resourceID string) {
	if i.PassthroughBehavior == "" {
		i.PassthroughBehavior = "WHEN_NO_MATCH"
	}
	if i.CacheNamespace == "" {
		i.CacheNamespace = resourceID
	}
	switch i.Type {
	case "MOCK":
		// AWS: a mock integration forgets what it would have called.
		i.HTTPMethod, i.URI, i.Credentials = "", "", ""
	case "HTTP", "HTTP_PROXY":
		if i.ConnectionType == "" {
			i.ConnectionType = "INTERNET"
		}
	}
}

func (s *Service) getIntegration(ctx context.Context, in *wire.GetIntegrationInput) (*wire.Integration, error) {
	return read(ctx, s, func(tx *txn) (*wire.Integration, error) {
		_, m, err := tx.getMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		i, err := m.integration()
		if err != nil {
			return nil, err
		}
		return i.wire(), nil
	})
}

func (s *Service) updateIntegration(ctx context.Context, in *wire.UpdateIntegrationInput) (*wire.Integration, error) {
	return edit(ctx, s, func(tx *txn) (*wire.Integration, error) {
		r, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		i, err := m.integration()
		if err != nil {
			return nil, err
		}
		known := slices.Clone(i.CacheKeyParameters)
		if err := integrationPatches.Apply(i, in.PatchOperations); err != nil {
			return nil, err
		}
		if i.CacheNamespace == "" {
			i.CacheNamespace = r.ID
		}
		if err := tx.checkIntegration(m, i, known); err != nil {
			return nil, err
		}
		return i.wire(), nil
	})
}

func (s *Service) deleteIntegration(ctx context.Context, in *wire.DeleteIntegrationInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		if _, err := m.integration(); err != nil {
			return nil, err
		}
		m.Integration = nil
		return nil, nil
	})
}

func (i *Integration) wire() *wire.Integration {
	out := &wire.Integration{
		Type: &i.Type, HttpMethod: awsapi.NonEmpty(i.HTTPMethod), Uri: awsapi.NonEmpty(i.URI),
		ConnectionType: awsapi.NonEmpty(i.ConnectionType), ConnectionId: awsapi.NonEmpty(i.ConnectionID),
		Credentials: awsapi.NonEmpty(i.Credentials), RequestParameters: i.RequestParameters, RequestTemplates: nullTemplates(i.RequestTemplates),
		PassthroughBehavior: &i.PassthroughBehavior, ContentHandling: awsapi.NonEmpty(i.ContentHandling),
		TimeoutInMillis: &i.TimeoutMillis, CacheNamespace: &i.CacheNamespace, CacheKeyParameters: i.CacheKeyParameters,
		ResponseTransferMode: awsapi.NonEmpty(i.TransferMode), IntegrationTarget: awsapi.NonEmpty(i.Target),
	}
	if out.CacheKeyParameters == nil {
		out.CacheKeyParameters = []string{}
	}
	if i.InsecureSkipVerify != nil {
		out.TlsConfig = &wire.TlsConfig{InsecureSkipVerification: i.InsecureSkipVerify}
	}
	if len(i.Responses) > 0 {
		out.IntegrationResponses = make(map[string]wire.IntegrationResponse, len(i.Responses))
		for status, r := range i.Responses {
			out.IntegrationResponses[status] = *r.wire()
		}
	}
	return out
}
