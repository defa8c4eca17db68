package apigateway

import (
	"sort"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/runtime/snapshot"
)

func (tx *txn) snapshotAPI(api *RestAPI) snapshot.API {
	return snapshot.API{ID: api.ID, Kind: snapshot.KindREST, Name: api.Name, AccountID: tx.scope.Account, Region: tx.scope.Region}
}

// publish hands the stage's present state to the data plane. It is the last step
// of its transaction.
func (tx *txn) publish(api *RestAPI, st *Stage) error {
	st.Version++
	if err := tx.unenforced("Stage", tx.stageUnenforced(st)); err != nil {
		return err
	}
	snap, err := tx.snapshot(api, st)
	if err != nil {
		return err
	}
	if err := tx.s.DataPlane.Publish(snap); err != nil {
		// Whatever does not compile is the API's author's to mend.
		// unverified against AWS: it takes most of that, and fails at the first request.
		tx.s.Logger.WarnContext(tx.ctx, "stage does not compile", "api_id", api.ID, "stage", st.StageName, "err", err)
		return awsapi.BadRequest("Unable to deploy to stage %s: %v", st.StageName, err)
	}
	return nil
}

// snapshot joins a stage's settings and the frozen deployment it points to.
func (tx *txn) snapshot(api *RestAPI, st *Stage) (*snapshot.Stage, error) {
	frozen, ok := frozenAPIs.Get(tx.Tx, tx.scope, api.ID+"/"+st.DeploymentID)
	if !ok {
		return nil, errDeploymentMissing
	}
	rest := &snapshot.REST{
		Deployment: frozen, MethodSettings: map[string]snapshot.RESTMethodSettings{},
		CacheClusterEnabled: st.CacheClusterEnabled, CacheClusterSize: st.CacheClusterSize,
		TracingEnabled: st.TracingEnabled, ClientCertificateID: st.ClientCertificateID,
	}
	if c, ok := clientCertificates.Get(tx.Tx, tx.scope, st.ClientCertificateID); ok {
		rest.ClientCertificate = &snapshot.KeyPair{CertificatePEM: c.CertificatePEM, KeyPEM: c.KeyPEM}
	}
	for _, key := range sortedNames(st.MethodSettings) {
		rest.MethodSettings[frozenKey(key)] = st.MethodSettings[key].freeze()
	}
	if c := st.Canary; c != nil {
		canary, ok := frozenAPIs.Get(tx.Tx, tx.scope, api.ID+"/"+c.DeploymentID)
		if !ok {
			return nil, errDeploymentMissing
		}
		rest.Canary = &snapshot.RESTCanary{
			DeploymentID: c.DeploymentID, Deployment: canary, PercentTraffic: c.PercentTraffic,
			VariableOverrides: c.VariableOverrides, UseStageCache: c.UseStageCache,
		}
	}
	out := &snapshot.Stage{
		API: tx.snapshotAPI(api), Name: st.StageName, DeploymentID: st.DeploymentID, Version: st.Version,
		Variables: st.Variables, DisableDefaultEndpoint: frozen.DisableDefaultEndpoint, REST: rest,
	}
	if a := st.AccessLog; a != nil {
		out.AccessLog = &snapshot.AccessLog{DestinationARN: a.DestinationARN, Format: a.Format}
	}
	return out, nil
}

func (ms *MethodSetting) freeze() snapshot.RESTMethodSettings {
	return snapshot.RESTMethodSettings{
		MetricsEnabled: ms.MetricsEnabled, LoggingLevel: ms.LoggingLevel, DataTraceEnabled: ms.DataTraceEnabled,
		ThrottlingBurstLimit: ms.ThrottlingBurstLimit, ThrottlingRateLimit: ms.ThrottlingRateLimit,
		CachingEnabled: ms.CachingEnabled, CacheTTLSeconds: ms.CacheTTLSeconds, CacheDataEncrypted: ms.CacheDataEncrypted,
		RequireAuthorizationForCacheControl:    ms.RequireAuthorizationForCacheControl,
		UnauthorizedCacheControlHeaderStrategy: ms.UnauthorizedCacheControl,
	}
}

// freeze copies the API as it is now. Records are immutable once stored, so maps
// and lists are shared and not copied.
func (tx *txn) freeze(api *RestAPI) *snapshot.RESTDeployment {
	out := &snapshot.RESTDeployment{
		Name: api.Name, Description: api.Description, Version: api.Version,
		RootResourceID: api.RootResourceID, APIKeySource: api.APIKeySource, EndpointType: api.EndpointType,
		VPCEndpointIDs: api.VPCEndpointIDs, DisableDefaultEndpoint: api.DisableExecuteAPI,
		BinaryMediaTypes: api.BinaryMediaTypes, MinimumCompressionSize: api.MinimumCompressionSize, Policy: api.Policy,
	}
	validators := map[string]*RequestValidator{}
	for _, v := range requestValidators.List(tx.Tx, tx.scope, api.ID+"/") {
		validators[v.ID] = v
	}
	for _, r := range tx.resourcesOf(api.ID) {
		out.Resources = append(out.Resources, r.freeze(validators))
	}
	for _, m := range models.List(tx.Tx, tx.scope, api.ID+"/") {
		out.Models = append(out.Models, snapshot.RESTModel{Name: m.Name, Description: m.Description, ContentType: m.ContentType, Schema: m.Schema, Imported: m.Imported})
	}
	for _, a := range authorizers.List(tx.Tx, tx.scope, api.ID+"/") {
		out.Authorizers = append(out.Authorizers, a.freeze())
	}
	for _, g := range gatewayResponses.List(tx.Tx, tx.scope, api.ID+"/") {
		out.GatewayResponses = append(out.GatewayResponses, snapshot.RESTGatewayResponse{
			Type: g.Type, StatusCode: g.StatusCode, ResponseParameters: g.ResponseParameters, ResponseTemplates: g.ResponseTemplates,
		})
	}
	return out
}

func (r *Resource) freeze(validators map[string]*RequestValidator) snapshot.RESTResource {
	out := snapshot.RESTResource{ID: r.ID, Path: r.Path}
	for _, verb := range sortedNames(r.Methods) {
		m := r.Methods[verb]
		frozen := snapshot.RESTMethod{
			HTTPMethod: m.HTTPMethod, AuthorizationType: m.AuthorizationType, AuthorizerID: m.AuthorizerID,
			AuthorizationScopes: m.AuthorizationScopes, APIKeyRequired: m.APIKeyRequired, OperationName: m.OperationName,
			RequestParameters: m.RequestParameters, RequestModels: m.RequestModels,
		}
		if v := validators[m.RequestValidatorID]; v != nil {
			frozen.RequestValidator = v.Name
			frozen.ValidateBody, frozen.ValidateParameters = v.ValidateRequestBody, v.ValidateRequestParameters
		}
		for _, status := range sortedNames(m.Responses) {
			mr := m.Responses[status]
			frozen.Responses = append(frozen.Responses, snapshot.RESTMethodResponse{
				StatusCode: mr.StatusCode, ResponseParameters: mr.ResponseParameters, ResponseModels: mr.ResponseModels,
			})
		}
		if m.Integration != nil {
			frozen.Integration = m.Integration.freeze()
		}
		out.Methods = append(out.Methods, frozen)
	}
	return out
}

func (i *Integration) freeze() snapshot.RESTIntegration {
	out := snapshot.RESTIntegration{
		Type: i.Type, HTTPMethod: i.HTTPMethod, URI: i.URI, ConnectionType: i.ConnectionType, ConnectionID: i.ConnectionID,
		Credentials: i.Credentials, RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates,
		PassthroughBehavior: i.PassthroughBehavior, ContentHandling: i.ContentHandling, TimeoutMillis: i.TimeoutMillis,
		CacheNamespace: i.CacheNamespace, CacheKeyParameters: i.CacheKeyParameters,
		InsecureSkipVerify: awsapi.Val(i.InsecureSkipVerify), TransferMode: i.TransferMode, Target: i.Target,
	}
	for _, r := range i.Responses {
		out.Responses = append(out.Responses, snapshot.RESTIntegrationResponse{
			StatusCode: r.StatusCode, SelectionPattern: awsapi.Val(r.SelectionPattern), ResponseParameters: r.ResponseParameters,
			ResponseTemplates: r.ResponseTemplates, ContentHandling: r.ContentHandling,
		})
	}
	// unverified against AWS: patterns are tried in the order of their status.
	sort.Slice(out.Responses, func(a, b int) bool { return out.Responses[a].StatusCode < out.Responses[b].StatusCode })
	return out
}
