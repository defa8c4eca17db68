package apigateway

import (
	"log/slog"
	"net/http"

	"github.com/postern/postern/controlplane/awsapi"
)

// Options are what sets API Gateway v1 apart on the wire.
func Options(log *slog.Logger) awsapi.Options {
	return awsapi.Options{Unknown: unknownPath, Logger: log, MaxBody: maxBody}
}

// maxBody leaves room for the largest OpenAPI document that may be imported.
const maxBody = 6 << 20

// AWS: a management path that is no operation is answered like an API's unknown
// resource, because the management API is served by API Gateway itself.
func unknownPath(r *http.Request) *awsapi.Error {
	return &awsapi.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusForbidden}
}
