package apigateway

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/internal/lazyregexp"
)

// IntegrationResponse is how one outcome of an integration is answered. An empty
// template is AWS's null template.
type IntegrationResponse struct {
	StatusCode         string
	SelectionPattern   *string // nil: not given; both nil and "" are the default
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string
	ContentHandling    string
}

func (s *Service) putIntegrationResponse(ctx context.Context, in *wire.PutIntegrationResponseInput) (*wire.IntegrationResponse, error) {
	return edit(ctx, s, func(tx *txn) (*wire.IntegrationResponse, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		i, err := m.integration()
		if err != nil {
			return nil, err
		}
		r := &IntegrationResponse{
			StatusCode: *in.StatusCode, SelectionPattern: in.SelectionPattern, ResponseParameters: in.ResponseParameters,
			ResponseTemplates: in.ResponseTemplates, ContentHandling: awsapi.Val(in.ContentHandling),
		}
		if err := tx.checkIntegrationResponse(m, r); err != nil {
			return nil, err
		}
		if i.Responses == nil {
			i.Responses = map[string]*IntegrationResponse{}
		}
		i.Responses[r.StatusCode] = r
		return r.wire(), nil
	})
}

// integrationResponse finds a response; AWS names the first thing that is missing.
func integrationResponse(m *Method, status *string) (*IntegrationResponse, error) {
	i, err := m.integration()
	if err != nil {
		return nil, err
	}
	if r := i.Responses[*status]; r != nil {
		return r, nil
	}
	return nil, errStatus
}

func (s *Service) getIntegrationResponse(ctx context.Context, in *wire.GetIntegrationResponseInput) (*wire.IntegrationResponse, error) {
	return read(ctx, s, func(tx *txn) (*wire.IntegrationResponse, error) {
		_, m, err := tx.getMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		r, err := integrationResponse(m, in.StatusCode)
		if err != nil {
			return nil, err
		}
		return r.wire(), nil
	})
}

func (s *Service) updateIntegrationResponse(ctx context.Context, in *wire.UpdateIntegrationResponseInput) (*wire.IntegrationResponse, error) {
	return edit(ctx, s, func(tx *txn) (*wire.IntegrationResponse, error) {
		_, m, err := tx.editMethod(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return nil, err
		}
		r, err := integrationResponse(m, in.StatusCode)
		if err != nil {
			return nil, err
		}
		if err := integrationResponsePatches.Apply(r, in.PatchOperations); err != nil {
			return nil, err
		}
		if err := tx.checkIntegrationResponse(m, r); err != nil {
			return nil, err
		}
		return r.wire(), nil
	})
}

func (s *Service) deleteIntegrationResponse(ctx context.Context, in *wire.DeleteIntegrationResponseInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		r, err := tx.editResource(in.RestApiId, in.ResourceId)
		if err != nil {
			return nil, err
		}
		m, err := r.method(in.HttpMethod)
		if err != nil {
			// AWS: this operation alone blames the integration for a missing method.
			return nil, errIntegration
		}
		if _, err := integrationResponse(m, in.StatusCode); err != nil {
			return nil, err
		}
		delete(m.Integration.Responses, *in.StatusCode)
		return nil, nil
	})
}

func (r *IntegrationResponse) wire() *wire.IntegrationResponse {
	return &wire.IntegrationResponse{
		StatusCode: &r.StatusCode, SelectionPattern: r.SelectionPattern, ResponseParameters: r.ResponseParameters,
		ResponseTemplates: nullTemplates(r.ResponseTemplates), ContentHandling: awsapi.NonEmpty(r.ContentHandling),
	}
}

// nullTemplates shows empty templates as AWS does: as null.
func nullTemplates(templates map[string]string) map[string]string {
	if templates == nil {
		return nil
	}
	out := make(map[string]string, len(templates))
	for contentType, text := range templates {
		if text == "" {
			text = awsapi.NullText
		}
		out[contentType] = text
	}
	return out
}

var (
	responseDestination = lazyregexp.New(`^method\.response\.header\.[a-zA-Z0-9._$:-]+$`)
	responseSource      = lazyregexp.New(`^(?:integration\.response\.(?:header|multivalueheader)\.[a-zA-Z0-9._$:\[\]-]+|integration\.response\.body(?:[.\[].+)?|stageVariables\.[a-zA-Z0-9_]+|context\.[a-zA-Z0-9._-]+|'.*')$`)
)

// AWS: https://github.com/amazon-archives/aws-apigateway-importer/issues/121
var errNoMethodResponse = awsapi.BadRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [No method response exists for method.]")

func (tx *txn) checkIntegrationResponse(m *Method, r *IntegrationResponse) error {
	if pattern := awsapi.Val(r.SelectionPattern); pattern != "" && tx.s.CheckPattern != nil && tx.s.CheckPattern(pattern) != nil {
		return awsapi.BadRequest("Invalid regex pattern specified")
	}
	if err := checkTemplateTypes(r.ResponseTemplates); err != nil {
		return err
	}
	declared := m.Responses[r.StatusCode]
	for _, dest := range sortedNames(r.ResponseParameters) {
		source := r.ResponseParameters[dest]
		if !responseDestination().MatchString(dest) {
			return errMapping(dest)
		}
		if !responseSource().MatchString(source) {
			return errMapping(source)
		}
		// AWS: the method response may come later, but not one that is mapped to.
		if len(m.Responses) == 0 {
			return errNoMethodResponse
		}
		if declared == nil {
			return errUndeclared(dest)
		}
		if _, ok := declared.ResponseParameters[dest]; !ok {
			return errUndeclared(dest)
		}
	}
	return nil
}

var integrationResponsePatches = patch.Table[*IntegrationResponse]{Family: patch.Bare, Rules: []patch.Rule[*IntegrationResponse]{
	{Path: "/selectionPattern", Ops: patch.Replace, Apply: func(r *IntegrationResponse, p patch.Op) error {
		r.SelectionPattern = awsapi.Ptr(p.Value)
		return nil
	}},
	patch.Enum("/contentHandling", []string{"CONVERT_TO_BINARY", "CONVERT_TO_TEXT", ""}, func(r *IntegrationResponse) *string { return &r.ContentHandling }),
	patch.Map("/responseParameters", func(r *IntegrationResponse) *map[string]string { return &r.ResponseParameters }, nil),
	patch.Map("/responseTemplates", func(r *IntegrationResponse) *map[string]string { return &r.ResponseTemplates }, nil),
}}
