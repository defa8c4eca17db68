package apigatewaymanagementapi

import (
	"log/slog"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewaymanagementapi"
)

// Mux serves the operations over HTTP.
func Mux(log *slog.Logger) *awsapi.Mux {
	return awsapi.NewMux(&wire.Service, nil, awsapi.Options{Logger: log})
}
