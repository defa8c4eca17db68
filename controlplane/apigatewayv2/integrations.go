package apigatewayv2

import (
	"context"
	"maps"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
)

// Integration is the record of an integration.
type Integration struct {
	ID             string
	Type           string
	Subtype        string
	URI            string
	Method         string
	PayloadFormat  string
	TimeoutMillis  int
	CredentialsARN string
	Description    string
	ConnectionType string
	ConnectionID   string
	ServerName     string

	RequestParameters  map[string]string
	ResponseParameters map[string]map[string]string

	Managed bool // made by quick create
}

var integrations = store.NewTable[Integration]("apigatewayv2.integration")

const (
	awsProxy      = "AWS_PROXY"
	httpProxy     = "HTTP_PROXY"
	internet      = "INTERNET"
	vpcLink       = "VPC_LINK"
	maxTimeout    = 30000
	minTimeout    = 50
	payloadFormat = "1.0"
)

func (tx *txn) integration(apiID, id *string) (*API, *Integration, error) {
	a, err := tx.api(apiID)
	if err != nil {
		return nil, nil, err
	}
	i, ok := integrations.Get(tx.Tx, tx.scope, a.ID+"/"+awsapi.Val(id))
	if !ok {
		return nil, nil, awsapi.NotFound("Invalid Integration identifier specified %s", awsapi.Val(id))
	}
	return a, i, nil
}

func (s *Service) createIntegration(ctx context.Context, in *wire.CreateIntegrationInput) (*wire.CreateIntegrationOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateIntegrationOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		i := &Integration{ID: tx.newID(7), TimeoutMillis: maxTimeout, ConnectionType: internet}
		// An update has the same members but the id.
		if err := i.patch(updateOf(in)); err != nil {
			return nil, err
		}
		if err := tx.checkIntegration(i); err != nil {
			return nil, err
		}
		if err := model("CreateIntegration", in); err != nil {
			return nil, err
		}
		if len(integrations.List(tx.Tx, tx.scope, a.ID+"/")) >= maxPerAPI {
			return nil, tooMany("integrations")
		}
		integrations.Put(tx.Tx, tx.scope, a.ID+"/"+i.ID, i)
		return (*wire.CreateIntegrationOutput)(i.wire()), tx.autoDeploy(a)
	})
}

func updateOf(in *wire.CreateIntegrationInput) *wire.UpdateIntegrationInput {
	return &wire.UpdateIntegrationInput{
		ApiId: in.ApiId, ConnectionId: in.ConnectionId, ConnectionType: in.ConnectionType,
		ContentHandlingStrategy: in.ContentHandlingStrategy, CredentialsArn: in.CredentialsArn, Description: in.Description,
		IntegrationMethod: in.IntegrationMethod, IntegrationSubtype: in.IntegrationSubtype, IntegrationType: in.IntegrationType,
		IntegrationUri: in.IntegrationUri, PassthroughBehavior: in.PassthroughBehavior, PayloadFormatVersion: in.PayloadFormatVersion,
		RequestParameters: in.RequestParameters, RequestTemplates: in.RequestTemplates, ResponseParameters: in.ResponseParameters,
		TemplateSelectionExpression: in.TemplateSelectionExpression, TimeoutInMillis: in.TimeoutInMillis, TlsConfig: in.TlsConfig,
	}
}

func (s *Service) getIntegration(ctx context.Context, in *wire.GetIntegrationInput) (*wire.GetIntegrationOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetIntegrationOutput, error) {
		_, i, err := tx.integration(in.ApiId, in.IntegrationId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetIntegrationOutput)(i.wire()), nil
	})
}

func (s *Service) getIntegrations(ctx context.Context, in *wire.GetIntegrationsInput) (*wire.GetIntegrationsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetIntegrationsOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		items, next, err := paging.V2(integrations.List(tx.Tx, tx.scope, a.ID+"/"), in.MaxResults, in.NextToken, (*Integration).wire)
		return &wire.GetIntegrationsOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateIntegration(ctx context.Context, in *wire.UpdateIntegrationInput) (*wire.UpdateIntegrationOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateIntegrationOutput, error) {
		a, have, err := tx.integration(in.ApiId, in.IntegrationId)
		if err != nil {
			return nil, err
		}
		if err := have.checkServiceUpdate(in); err != nil {
			return nil, err
		}
		i, _ := integrations.Edit(tx.Tx, tx.scope, a.ID+"/"+have.ID)
		if err := i.patch(in); err != nil {
			return nil, err
		}
		if err := tx.checkIntegration(i); err != nil {
			return nil, err
		}
		if err := model("UpdateIntegration", in); err != nil {
			return nil, err
		}
		return (*wire.UpdateIntegrationOutput)(i.wire()), tx.autoDeploy(a)
	})
}

func (s *Service) deleteIntegration(ctx context.Context, in *wire.DeleteIntegrationInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, i, err := tx.integration(in.ApiId, in.IntegrationId)
		if err != nil {
			return nil, err
		}
		var used []string
		for _, r := range routes.List(tx.Tx, tx.scope, a.ID+"/") {
			if r.Target == targetPrefix+i.ID {
				used = append(used, r.ID)
			}
		}
		if len(used) > 0 {
			return nil, awsapi.Conflict("Cannot delete Integration because it is referenced by the following Routes with Ids: [%s]", strings.Join(used, ", "))
		}
		integrations.Delete(tx.Tx, tx.scope, a.ID+"/"+i.ID)
		return nil, tx.autoDeploy(a)
	})
}

// patch applies what was sent.
func (i *Integration) patch(in *wire.UpdateIntegrationInput) error {
	set(&i.Type, in.IntegrationType)
	set(&i.Subtype, in.IntegrationSubtype)
	set(&i.URI, in.IntegrationUri)
	set(&i.Method, in.IntegrationMethod)
	set(&i.PayloadFormat, in.PayloadFormatVersion)
	set(&i.TimeoutMillis, in.TimeoutInMillis)
	set(&i.CredentialsARN, in.CredentialsArn)
	set(&i.Description, in.Description)
	set(&i.ConnectionType, in.ConnectionType)
	set(&i.ConnectionID, in.ConnectionId)
	if in.TlsConfig != nil {
		i.ServerName = awsapi.Val(in.TlsConfig.ServerNameToVerify)
	}
	// AWS: an empty value takes a mapping away, but not a parameter of a service's action.
	for _, source := range in.RequestParameters {
		if i.Subtype != "" && source == "" {
			return awsapi.BadRequest("Invalid selection expression specified: Validation Result: warnings : [], errors : [Mapping expression missing source or destination]")
		}
	}
	i.RequestParameters = mergeParameters(i.RequestParameters, in.RequestParameters)
	for status, params := range in.ResponseParameters {
		if i.ResponseParameters == nil {
			i.ResponseParameters = map[string]map[string]string{}
		}
		// AWS: an empty set takes a status code's mappings away.
		if len(params) == 0 {
			delete(i.ResponseParameters, status)
		} else {
			i.ResponseParameters[status] = maps.Clone(params)
		}
	}
	i.settle()
	return webSocketOnly(in)
}

// settle fills in and leaves out what AWS does by itself.
func (i *Integration) settle() {
	if i.Type == awsProxy && i.Method == "" {
		i.Method = "POST"
	}
	// AWS: a public integration takes a name to verify and does not keep it.
	if i.ConnectionType != vpcLink {
		i.ServerName = ""
	}
}

// mergeParameters lays the sent entries over what there is; an empty value takes an
// entry away.
//
// AWS: but an empty value of a "remove:" action is one of the ways to write it.
func mergeParameters(have, sent map[string]string) map[string]string {
	if sent == nil {
		return have
	}
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	for k, v := range sent {
		_, known := have[k]
		if v == "" && (known || !strings.HasPrefix(k, "remove:")) {
			delete(out, k)
		} else {
			out[k] = v
		}
	}
	return out
}

func (i *Integration) wire() *wire.Integration {
	out := &wire.Integration{
		ApiGatewayManaged:    awsapi.NonEmpty(i.Managed),
		ConnectionId:         awsapi.NonEmpty(i.ConnectionID),
		ConnectionType:       &i.ConnectionType,
		CredentialsArn:       awsapi.NonEmpty(i.CredentialsARN),
		Description:          awsapi.NonEmpty(i.Description),
		IntegrationId:        &i.ID,
		IntegrationMethod:    awsapi.NonEmpty(i.Method),
		IntegrationSubtype:   awsapi.NonEmpty(i.Subtype),
		IntegrationType:      &i.Type,
		IntegrationUri:       awsapi.NonEmpty(i.URI),
		PayloadFormatVersion: &i.PayloadFormat,
		TimeoutInMillis:      &i.TimeoutMillis,
	}
	if len(i.RequestParameters) > 0 {
		out.RequestParameters = i.RequestParameters
	}
	if len(i.ResponseParameters) > 0 {
		out.ResponseParameters = i.ResponseParameters
	}
	if i.ServerName != "" {
		out.TlsConfig = &wire.TlsConfig{ServerNameToVerify: &i.ServerName}
	}
	return out
}
