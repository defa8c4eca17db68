package apigatewayv2

import (
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/runtime/snapshot"
)

func snapshotAPI(scope store.Scope, a *API) snapshot.API {
	return snapshot.API{ID: a.ID, Kind: snapshot.KindHTTP, Name: a.Name, AccountID: scope.Account, Region: scope.Region}
}

// freeze copies what a deployment of the API consists of now.
func (tx *txn) freeze(a *API) *snapshot.HTTPDeployment {
	d := &snapshot.HTTPDeployment{DisableDefaultEndpoint: a.DisableDefaultEndpoint, CORS: a.CORS}
	prefix := a.ID + "/"
	known := map[string]bool{}
	for _, i := range integrations.List(tx.Tx, tx.scope, prefix) {
		known[i.ID] = true
		d.Integrations = append(d.Integrations, snapshot.HTTPIntegration{
			ID: i.ID, Type: i.Type, Subtype: i.Subtype, Method: i.Method, URI: i.URI, PayloadFormat: i.PayloadFormat,
			TimeoutMillis: i.TimeoutMillis, CredentialsARN: i.CredentialsARN, ConnectionType: i.ConnectionType,
			ConnectionID: i.ConnectionID, ServerName: i.ServerName,
			RequestParameters: i.RequestParameters, ResponseParameters: i.ResponseParameters,
		})
	}
	for _, r := range routes.List(tx.Tx, tx.scope, prefix) {
		out := snapshot.HTTPRoute{
			ID: r.ID, Key: r.Key, OperationName: r.OperationName,
			AuthorizationType: r.AuthorizationType, AuthorizerID: r.AuthorizerID, Scopes: r.Scopes,
		}
		if known[r.integrationID()] {
			out.IntegrationID = r.integrationID()
		}
		d.Routes = append(d.Routes, out)
	}
	for _, auth := range authorizers.List(tx.Tx, tx.scope, prefix) {
		d.Authorizers = append(d.Authorizers, auth.snapshot())
	}
	return d
}

// snapshotStage joins a stage's settings with the deployment it serves; nil when it
// serves none.
func (tx *txn) snapshotStage(a *API, st *Stage) *snapshot.Stage {
	d, ok := tx.frozen(a.ID, st.DeploymentID)
	if !ok {
		return nil
	}
	out := &snapshot.Stage{
		API: snapshotAPI(tx.scope, a), Name: st.Name, DeploymentID: st.DeploymentID,
		Variables: st.Variables, DisableDefaultEndpoint: d.DisableDefaultEndpoint, AccessLog: st.AccessLog,
		HTTP: &snapshot.HTTP{Deployment: d, Default: st.Default.snapshot(), RouteSettings: map[string]snapshot.HTTPRouteSettings{}},
	}
	for key, r := range st.RouteSettings {
		out.HTTP.RouteSettings[key] = r.snapshot()
	}
	return out
}

func (r RouteSettings) snapshot() snapshot.HTTPRouteSettings {
	out := snapshot.HTTPRouteSettings{DetailedMetrics: r.DetailedMetrics != nil && *r.DetailedMetrics}
	if r.Rate != nil || r.Burst != nil {
		// AWS: what is not set falls back to the service's own limit.
		out.Throttle = &snapshot.Throttle{Rate: accountRate, Burst: accountBurst}
		set(&out.Throttle.Rate, r.Rate)
		set(&out.Throttle.Burst, r.Burst)
	}
	return out
}

// AWS's default throttle of an account.
const (
	accountRate  = 10000
	accountBurst = 5000
)
