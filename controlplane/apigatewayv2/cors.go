package apigatewayv2

import (
	"context"
	"slices"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/runtime/snapshot"
)

func checkCORS(c *wire.Cors) error {
	if c != nil && awsapi.Val(c.AllowCredentials) && slices.Contains(c.AllowOrigins, "*") {
		return awsapi.BadRequest("allow-credentials is not supported if 'allow-origin' is *")
	}
	return nil
}

func corsRecord(c *wire.Cors) *snapshot.CORS {
	if c == nil {
		return nil
	}
	return &snapshot.CORS{
		AllowCredentials: awsapi.Val(c.AllowCredentials),
		AllowHeaders:     c.AllowHeaders,
		AllowMethods:     c.AllowMethods,
		AllowOrigins:     c.AllowOrigins,
		ExposeHeaders:    c.ExposeHeaders,
		MaxAge:           c.MaxAge,
	}
}

func wireCORS(c *snapshot.CORS) *wire.Cors {
	if c == nil {
		return nil
	}
	return &wire.Cors{
		AllowCredentials: &c.AllowCredentials,
		AllowHeaders:     c.AllowHeaders,
		AllowMethods:     c.AllowMethods,
		AllowOrigins:     c.AllowOrigins,
		ExposeHeaders:    c.ExposeHeaders,
		MaxAge:           c.MaxAge,
	}
}

func (s *Service) deleteCorsConfiguration(ctx context.Context, in *wire.DeleteCorsConfigurationInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		a, err := tx.editAPI(in.ApiId)
		if err != nil {
			return nil, err
		}
		a.CORS = nil
		return nil, tx.autoDeploy(a)
	})
}
