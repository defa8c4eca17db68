package apigateway

import (
	"context"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/limits"
	"github.com/postern/postern/controlplane/internal/paging"
	"github.com/postern/postern/controlplane/internal/patch"
	"github.com/postern/postern/controlplane/internal/tags"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

// RestAPI is the record of one REST API; what it contains lies in tables of its own.
type RestAPI struct {
	ID                     string
	Name                   string
	Description            string
	Version                string
	CreatedDate            time.Time
	RootResourceID         string
	APIKeySource           string
	BinaryMediaTypes       []string
	MinimumCompressionSize *int
	Policy                 string // compact JSON
	Tags                   map[string]string
	DisableExecuteAPI      bool
	EndpointType           string
	IPAddressType          string
	VPCEndpointIDs         []string
	SecurityPolicy         string
	EndpointAccessMode     string
}

var restAPIs = store.NewTable[RestAPI]("apigateway.restapi")

// restAPI finds an API or answers AWS's 404.
func (tx *txn) restAPI(id *string) (*RestAPI, error) {
	if api, ok := restAPIs.Get(tx.Tx, tx.scope, awsapi.Val(id)); ok {
		return api, nil
	}
	return nil, awsapi.NotFound("Invalid API identifier specified %s:%s", tx.id.Account, awsapi.Val(id))
}

// customIDTag pins an API's id, so that URLs survive a fresh start.
const customIDTag = "_custom_id_"

// An API's id is the first part of its host name.
var customID = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (s *Service) createRestApi(ctx context.Context, in *wire.CreateRestApiInput) (*wire.RestApi, error) {
	return edit(ctx, s, func(tx *txn) (*wire.RestApi, error) {
		api, err := tx.newRestAPI(in)
		if err != nil {
			return nil, err
		}
		if in.CloneFrom != nil {
			source, err := tx.restAPI(in.CloneFrom)
			if err != nil {
				return nil, err
			}
			tx.clone(source, api)
		} else {
			tx.putResource(api.ID, &Resource{ID: api.RootResourceID, Path: "/"})
			tx.putDefaultModels(api.ID)
		}
		restAPIs.Put(tx.Tx, tx.scope, api.ID, api)
		if err := tx.unenforced("RestApi", restAPIUnenforced(api)); err != nil {
			return nil, err
		}
		return api.wire(false), tx.s.DataPlane.Register(tx.snapshotAPI(api))
	})
}

func (tx *txn) newRestAPI(in *wire.CreateRestApiInput) (*RestAPI, error) {
	api := &RestAPI{
		ID: tx.s.NewID(10), Name: *in.Name, Description: awsapi.Val(in.Description), Version: awsapi.Val(in.Version),
		CreatedDate: tx.s.Now(), RootResourceID: tx.s.NewID(10), APIKeySource: "HEADER",
		BinaryMediaTypes: mediaTypes(in.BinaryMediaTypes), MinimumCompressionSize: in.MinimumCompressionSize,
		Tags: in.Tags, DisableExecuteAPI: awsapi.Val(in.DisableExecuteApiEndpoint),
		SecurityPolicy: awsapi.Val(in.SecurityPolicy), EndpointAccessMode: awsapi.Val(in.EndpointAccessMode),
	}
	if in.ApiKeySource != nil {
		api.APIKeySource = *in.ApiKeySource
	}
	if id := in.Tags[customIDTag]; id != "" {
		if api.ID = id; !customID().MatchString(id) {
			return nil, awsapi.BadRequest("Tag %s must be a host name's part of lower-case letters, digits and hyphens", customIDTag)
		}
		if tx.s.DataPlane.Known(id) {
			return nil, awsapi.Conflict("API id %s is in use", id)
		}
	}
	if err := checkNewRestAPI(in); err != nil {
		return nil, err
	}
	if err := api.setEndpoint(in.EndpointConfiguration); err != nil {
		return nil, err
	}
	if size := in.MinimumCompressionSize; size != nil && !validCompression(*size) {
		return nil, errCompression
	}
	if err := tx.checkAPICount(api.EndpointType); err != nil {
		return nil, err
	}
	policy, err := tx.normalPolicy(api.ID, awsapi.Val(in.Policy))
	api.Policy = policy
	return api, err
}

// mediaTypes takes what CloudFormation templates have: media types with their slash
// written as in a PATCH path.
//
// unverified against AWS: that this operation undoes it, too.
func mediaTypes(list []string) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = patch.Unescape(t)
	}
	return nonEmptyList(out)
}

// maxAPIs is how many APIs an account has in a region, by endpoint type.
var maxAPIs = map[string]int{"EDGE": 120, "REGIONAL": 600, "PRIVATE": 600}

func (tx *txn) checkAPICount(endpointType string) error {
	n := 0
	for _, api := range restAPIs.List(tx.Tx, tx.scope, "") {
		if api.EndpointType == endpointType {
			n++
		}
	}
	if n >= maxAPIs[endpointType] {
		return limits.Reached("APIs", limits.OfAccount)
	}
	return nil
}

func checkNewRestAPI(in *wire.CreateRestApiInput) error {
	if in.Description != nil && *in.Description == "" {
		return awsapi.BadRequest("Description cannot be an empty string")
	}
	if *in.Name == "" {
		// unverified against AWS: the text.
		return awsapi.BadRequest("API Name cannot be blank")
	}
	return tags.Check(in.Tags)
}

func (s *Service) getRestApi(ctx context.Context, in *wire.GetRestApiInput) (*wire.RestApi, error) {
	return read(ctx, s, func(tx *txn) (*wire.RestApi, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		return api.wire(true), nil
	})
}

func (s *Service) getRestApis(ctx context.Context, in *wire.GetRestApisInput) (*wire.RestApis, error) {
	return read(ctx, s, func(tx *txn) (*wire.RestApis, error) {
		items, next, err := paging.V1(restAPIs.List(tx.Tx, tx.scope, ""), in.Position, in.Limit, func(a *RestAPI) *wire.RestApi { return a.wire(false) })
		return &wire.RestApis{Items: items, Position: next}, err
	})
}

func (s *Service) updateRestApi(ctx context.Context, in *wire.UpdateRestApiInput) (*wire.RestApi, error) {
	return edit(ctx, s, func(tx *txn) (*wire.RestApi, error) {
		if _, err := tx.restAPI(in.RestApiId); err != nil {
			return nil, err
		}
		api, _ := restAPIs.Edit(tx.Tx, tx.scope, *in.RestApiId)
		if err := restAPIPatches.Apply(restAPIPatch{tx, api}, in.PatchOperations); err != nil {
			return nil, err
		}
		if api.EndpointType != "PRIVATE" && len(api.VPCEndpointIDs) > 0 {
			// AWS: https://github.com/hashicorp/terraform-provider-aws/issues/14269
			return nil, errVPCEndpoints
		}
		if err := tx.unenforced("RestApi", restAPIUnenforced(api)); err != nil {
			return nil, err
		}
		return api.wire(true), tx.s.DataPlane.Register(tx.snapshotAPI(api))
	})
}

func (s *Service) deleteRestApi(ctx context.Context, in *wire.DeleteRestApiInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		api, err := tx.restAPI(in.RestApiId)
		if err != nil {
			return nil, err
		}
		if err := tx.unmapped(api.ID, ""); err != nil {
			return nil, err
		}
		for _, st := range stages.List(tx.Tx, tx.scope, api.ID+"/") {
			s.StageDeleted(tx.Tx, tx.scope, api.ID, st.StageName)
		}
		tx.deleteChildren(api.ID)
		restAPIs.Delete(tx.Tx, tx.scope, api.ID)
		tx.s.DataPlane.Unregister(api.ID)
		return nil, nil
	})
}

// deleteChildren removes every record below an API.
func (tx *txn) deleteChildren(apiID string) {
	prefix := apiID + "/"
	resources.DeletePrefix(tx.Tx, tx.scope, prefix)
	models.DeletePrefix(tx.Tx, tx.scope, prefix)
	requestValidators.DeletePrefix(tx.Tx, tx.scope, prefix)
	authorizers.DeletePrefix(tx.Tx, tx.scope, prefix)
	gatewayResponses.DeletePrefix(tx.Tx, tx.scope, prefix)
	documentationParts.DeletePrefix(tx.Tx, tx.scope, prefix)
	documentationVersions.DeletePrefix(tx.Tx, tx.scope, prefix)
	deployments.DeletePrefix(tx.Tx, tx.scope, prefix)
	frozenAPIs.DeletePrefix(tx.Tx, tx.scope, prefix)
	frozenParts.DeletePrefix(tx.Tx, tx.scope, prefix)
	stages.DeletePrefix(tx.Tx, tx.scope, prefix)
}

// wire shows the API. AWS: an untagged API shows tags as {} when it is read alone
// and not at all when created or listed.
func (a *RestAPI) wire(single bool) *wire.RestApi {
	out := &wire.RestApi{
		Id: &a.ID, Name: &a.Name, Description: awsapi.NonEmpty(a.Description), Version: awsapi.NonEmpty(a.Version),
		CreatedDate: seconds(a.CreatedDate), MinimumCompressionSize: a.MinimumCompressionSize, ApiKeySource: &a.APIKeySource,
		EndpointConfiguration: &wire.EndpointConfiguration{
			Types: []string{a.EndpointType}, IpAddressType: &a.IPAddressType, VpcEndpointIds: nonEmptyList(a.VPCEndpointIDs),
		},
		BinaryMediaTypes: nonEmptyList(a.BinaryMediaTypes), Policy: awsapi.NonEmpty(escapedPolicy(a.Policy)),
		Tags: tags.Shown(a.Tags, single), DisableExecuteApiEndpoint: &a.DisableExecuteAPI, RootResourceId: &a.RootResourceID,
		SecurityPolicy: awsapi.NonEmpty(a.SecurityPolicy), EndpointAccessMode: awsapi.NonEmpty(a.EndpointAccessMode),
	}
	return out
}

// seconds cuts a time to whole seconds, as AWS's dates are.
func seconds(t time.Time) *time.Time {
	t = t.Truncate(time.Second)
	return &t
}

func nonEmptyList(l []string) []string {
	if len(l) == 0 {
		return nil
	}
	return l
}
