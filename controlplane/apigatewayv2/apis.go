package apigatewayv2

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// API is the record of an HTTP API.
type API struct {
	ID                     string
	Name                   string
	Description            string
	Version                string
	RouteSelection         string
	KeySelection           string
	CORS                   *snapshot.CORS
	DisableDefaultEndpoint bool
	IPAddressType          string
	Tags                   map[string]string
	Created                time.Time
}

var apis = store.NewTable[API]("apigatewayv2.api")

const (
	httpSelection     = "$request.method $request.path"
	httpSelectionForm = "${request.method} ${request.path}"
	keySelection      = "$request.header.x-api-key"

	// customIDTag pins an API's id, so that URLs survive a fresh start.
	customIDTag = "_custom_id_"
)

// An API's id is the first part of its host name.
var customID = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (tx *txn) api(id *string) (*API, error) {
	if a, ok := apis.Get(tx.Tx, tx.scope, awsapi.Val(id)); ok {
		return a, nil
	}
	e := awsapi.NotFound("Invalid API identifier specified %s:%s", tx.scope.Account, awsapi.Val(id))
	e.Fields = map[string]any{"resourceType": "Api"}
	return nil, e
}

func (tx *txn) editAPI(id *string) (*API, error) {
	if a, ok := apis.Edit(tx.Tx, tx.scope, awsapi.Val(id)); ok {
		return a, nil
	}
	return tx.api(id)
}

func (s *Service) createApi(ctx context.Context, in *wire.CreateApiInput) (*wire.CreateApiOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateApiOutput, error) {
		if err := checkNewAPI(in); err != nil {
			return nil, err
		}
		a := &API{
			Name: *in.Name, Description: awsapi.Val(in.Description), Version: awsapi.Val(in.Version),
			RouteSelection: httpSelection, KeySelection: keySelection, CORS: mergeCORS(nil, in.CorsConfiguration),
			DisableDefaultEndpoint: awsapi.Val(in.DisableExecuteApiEndpoint), IPAddressType: "ipv4",
			Tags: in.Tags, Created: tx.now(),
		}
		if in.ApiKeySelectionExpression != nil {
			a.KeySelection = *in.ApiKeySelectionExpression
		}
		if in.IpAddressType != nil {
			a.IPAddressType = *in.IpAddressType
		}
		var err error
		if a.ID, err = tx.newAPIID(in.Tags); err != nil {
			return nil, err
		}
		apis.Put(tx.Tx, tx.scope, a.ID, a)
		if err := tx.unenforced("Api", apiUnenforced(a)); err != nil {
			return nil, err
		}
		if in.Target != nil {
			if err := tx.quickCreate(a, in); err != nil {
				return nil, err
			}
		}
		return (*wire.CreateApiOutput)(tx.wireAPI(a)), tx.s.cfg.DataPlane.Register(snapshotAPI(tx.scope, a))
	})
}

func checkNewAPI(in *wire.CreateApiInput) error {
	switch {
	case awsapi.Val(in.Name) == "":
		return awsapi.BadRequest("Invalid API name specified")
	case awsapi.Val(in.ProtocolType) != "HTTP" && awsapi.Val(in.ProtocolType) != "WEBSOCKET":
		return awsapi.BadRequest("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]")
	}
	if *in.ProtocolType == "WEBSOCKET" {
		switch {
		case awsapi.Val(in.RouteSelectionExpression) == "":
			return awsapi.BadRequest("Invalid routeSelectionExpression")
		case in.CorsConfiguration != nil:
			return awsapi.BadRequest("Cors is not supported for WEBSOCKET protocolType")
		}
		return notBuilt("WebSocket APIs")
	}
	if err := checkSelection(in.RouteSelectionExpression, in.ApiKeySelectionExpression); err != nil {
		return err
	}
	if in.DisableSchemaValidation != nil {
		// unverified against AWS: the text.
		return awsapi.BadRequest("DisableSchemaValidation is only supported for WEBSOCKET protocolType")
	}
	if in.Target == nil && (in.RouteKey != nil || in.CredentialsArn != nil) {
		// unverified against AWS: the text.
		return awsapi.BadRequest("RouteKey and CredentialsArn are only valid together with Target")
	}
	if err := checkCORS(mergeCORS(nil, in.CorsConfiguration)); err != nil {
		return err
	}
	if err := tags.Check(in.Tags); err != nil {
		return err
	}
	return model("CreateApi", in)
}

func checkSelection(route, key *string) error {
	if route != nil && *route != httpSelection && *route != httpSelectionForm {
		return awsapi.BadRequest(`Route selection expression is currently limited to "%s"`, httpSelectionForm)
	}
	if key != nil && *key != keySelection && *key != "$context.authorizer.usageIdentifierKey" {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid apiKeySelectionExpression specified")
	}
	return nil
}

// newAPIID draws an id that no API of any kind, account and region has, or takes
// the one that the tag pins.
func (tx *txn) newAPIID(tags map[string]string) (string, error) {
	if id := tags[customIDTag]; id != "" {
		if !customID().MatchString(id) {
			return "", awsapi.BadRequest("Tag %s must be a host name's part of lower-case letters, digits and hyphens", customIDTag)
		}
		if tx.s.cfg.DataPlane.Known(id) {
			return "", awsapi.Conflict("API id %s is in use", id)
		}
		return id, nil
	}
	for {
		if id := tx.newID(10); !tx.s.cfg.DataPlane.Known(id) {
			return id, nil
		}
	}
}

func (s *Service) getApi(ctx context.Context, in *wire.GetApiInput) (*wire.GetApiOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetApiOutput, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		return (*wire.GetApiOutput)(tx.wireAPI(a)), nil
	})
}

func (s *Service) getApis(ctx context.Context, in *wire.GetApisInput) (*wire.GetApisOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetApisOutput, error) {
		items, next, err := paging.V2(apis.List(tx.Tx, tx.scope, ""), in.MaxResults, in.NextToken, tx.wireAPI)
		return &wire.GetApisOutput{Items: items, NextToken: next}, err
	})
}

func (s *Service) updateApi(ctx context.Context, in *wire.UpdateApiInput) (*wire.UpdateApiOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.UpdateApiOutput, error) {
		a, err := tx.editAPI(in.ApiId)
		if err != nil {
			return nil, err
		}
		if err := a.patch(in); err != nil {
			return nil, err
		}
		if err := tx.unenforced("Api", apiUnenforced(a)); err != nil {
			return nil, err
		}
		if in.Target != nil || in.RouteKey != nil || in.CredentialsArn != nil {
			if err := tx.quickUpdate(a, in); err != nil {
				return nil, err
			}
		}
		if err := tx.s.cfg.DataPlane.Register(snapshotAPI(tx.scope, a)); err != nil {
			return nil, err
		}
		return (*wire.UpdateApiOutput)(tx.wireAPI(a)), tx.autoDeploy(a)
	})
}

func (a *API) patch(in *wire.UpdateApiInput) error {
	if in.Name != nil && *in.Name == "" {
		return awsapi.BadRequest("Invalid API name specified")
	}
	if err := checkSelection(in.RouteSelectionExpression, in.ApiKeySelectionExpression); err != nil {
		return err
	}
	if in.DisableSchemaValidation != nil {
		// unverified against AWS: the text.
		return awsapi.BadRequest("DisableSchemaValidation is only supported for WEBSOCKET protocolType")
	}
	cors := mergeCORS(a.CORS, in.CorsConfiguration)
	if err := checkCORS(cors); err != nil {
		return err
	}
	if err := model("UpdateApi", in); err != nil {
		return err
	}
	set(&a.Name, in.Name)
	set(&a.Description, in.Description)
	set(&a.Version, in.Version)
	set(&a.KeySelection, in.ApiKeySelectionExpression)
	set(&a.DisableDefaultEndpoint, in.DisableExecuteApiEndpoint)
	set(&a.IPAddressType, in.IpAddressType)
	a.CORS = cors
	return nil
}

// set applies one member of a PATCH: a member that was not sent keeps its value.
func set[T any](dst *T, sent *T) {
	if sent != nil {
		*dst = *sent
	}
}

func (s *Service) deleteApi(ctx context.Context, in *wire.DeleteApiInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, err := tx.api(in.ApiId)
		if err != nil {
			return nil, err
		}
		if err := tx.unmapped(a.ID, ""); err != nil {
			return nil, err
		}
		prefix := a.ID + "/"
		routes.DeletePrefix(tx.Tx, tx.scope, prefix)
		integrations.DeletePrefix(tx.Tx, tx.scope, prefix)
		authorizers.DeletePrefix(tx.Tx, tx.scope, prefix)
		deployments.DeletePrefix(tx.Tx, tx.scope, prefix)
		frozen.DeletePrefix(tx.Tx, tx.scope, prefix)
		parts.DeletePrefix(tx.Tx, tx.scope, prefix)
		stages.DeletePrefix(tx.Tx, tx.scope, prefix)
		apis.Delete(tx.Tx, tx.scope, a.ID)
		tx.s.cfg.DataPlane.Unregister(a.ID)
		return nil, nil
	})
}

func (tx *txn) wireAPI(a *API) *wire.Api {
	return &wire.Api{
		ApiEndpoint:               awsapi.Ptr(tx.s.cfg.Endpoint(tx.ctx, a.ID)),
		ApiId:                     &a.ID,
		ApiKeySelectionExpression: &a.KeySelection,
		CorsConfiguration:         wireCORS(a.CORS),
		CreatedDate:               &a.Created,
		Description:               awsapi.NonEmpty(a.Description),
		DisableExecuteApiEndpoint: &a.DisableDefaultEndpoint,
		IpAddressType:             &a.IPAddressType,
		Name:                      &a.Name,
		ProtocolType:              awsapi.Ptr("HTTP"),
		RouteSelectionExpression:  &a.RouteSelection,
		Tags:                      orEmpty(a.Tags),
		Version:                   awsapi.NonEmpty(a.Version),
	}
}

// orEmpty is for maps that AWS shows as {} and never leaves out.
func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}
