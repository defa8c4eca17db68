package emulator

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/apigatewayv2"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/runtime/snapshot"
)

// newPages mounts Postern's own pages, all below /_postern/.
func (e *Emulator) newPages() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /_postern/health", e.serveHealth)
	m.HandleFunc("GET /_localstack/health", e.serveHealth)
	m.HandleFunc("POST /_postern/reset", e.serveReset)
	m.Handle("GET /_postern/traces", e.traces)
	m.HandleFunc("GET /_postern/coverage", e.serveCoverage)
	m.Handle("GET /_postern/clock", e.clock)
	m.Handle("POST /_postern/clock", e.clock)
	m.HandleFunc("GET /_postern/ca.pem", e.serveAuthority)
	m.HandleFunc("/_postern/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, message("no such page; there are /_postern/health, traces, calls, coverage, apis/{id}/coverage, clock, oidc/.well-known/openid-configuration, ca.pem and POST /_postern/reset"))
	})
	e.services.mount(m)
	return m
}

func (e *Emulator) serveHealth(w http.ResponseWriter, r *http.Request) {
	apis := e.services.gateway.Count()
	writeJSON(w, http.StatusOK, Health{
		Status: "running", Version: e.cfg.Version, Uptime: e.clock.Now().Sub(e.started).Seconds(),
		Executor: e.services.executor.Name(), ExecutorReason: e.services.executorReason, DataDir: e.cfg.DataDir,
		RESTAPIs: apis[snapshot.KindREST], HTTPAPIs: apis[snapshot.KindHTTP], WebSocketAPIs: apis[snapshot.KindWebSocket],
		Functions: e.services.lambda.CountFunctions(), Environments: e.services.pool.Environments(),
	})
}

// resetTime bounds a reset; it ends environments, which takes a moment in containers.
const resetTime = 30 * time.Second

func (e *Emulator) serveReset(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), resetTime)
	defer cancel()
	if err := e.Reset(ctx); err != nil {
		writeJSON(w, http.StatusInternalServerError, message("reset: "+err.Error()))
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "reset"})
}

// serveCoverage lists each service's operations, built and unbuilt.
func (e *Emulator) serveCoverage(w http.ResponseWriter, r *http.Request) {
	var all []awsapi.Coverage
	for _, mux := range e.services.muxes {
		all = append(all, mux.Coverage())
	}
	slices.SortFunc(all, func(a, b awsapi.Coverage) int { return strings.Compare(a.Service, b.Service) })
	writeJSON(w, http.StatusOK, map[string]any{"services": all})
}

// serveAPICoverage lists the settings of one API that are kept but not acted on, each
// with the reason.
func (s *services) serveAPICoverage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	for _, kind := range []struct {
		coverage func(context.Context, string) ([]string, bool)
		reasons  map[string]string
	}{
		{s.rest.Coverage, apigateway.Unenforced},
		{s.http.Coverage, apigatewayv2.Unenforced},
	} {
		settings, found := kind.coverage(r.Context(), id)
		if !found {
			continue
		}
		unenforced := map[string]string{}
		for _, name := range settings {
			unenforced[name] = kind.reasons[name]
		}
		writeJSON(w, http.StatusOK, map[string]any{"apiId": id, "unenforced": unenforced})
		return
	}
	writeJSON(w, http.StatusNotFound, message("there is no API "+id))
}

// serveAuthority hands out the certificate that clients have to trust for TLS.
func (e *Emulator) serveAuthority(w http.ResponseWriter, r *http.Request) {
	pem, err := e.authority.PEM()
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, message("certificate authority: "+err.Error()))
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	// A client that went away is nobody's concern.
	_, _ = w.Write(pem)
}
