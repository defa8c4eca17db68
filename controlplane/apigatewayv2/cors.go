package apigatewayv2

import (
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// originForm is a scheme and a host, or any host; "*" alone is any origin.
//
// AWS refuses a host without a scheme. unverified against AWS: what else it refuses.
var originForm = lazyregexp.New(`^(\*|[a-zA-Z][a-zA-Z0-9+.-]*://(\*|[^*/?#\s,]+))$`)

func checkCORS(c *snapshot.CORS) error {
	if c == nil {
		return nil
	}
	for _, origin := range c.AllowOrigins {
		if !originForm().MatchString(origin) {
			return awsapi.BadRequest("Invalid format for origin %s", origin)
		}
	}
	if awsapi.Val(c.AllowCredentials) && slices.Contains(c.AllowOrigins, "*") {
		return awsapi.BadRequest("allow-credentials is not supported if 'allow-origin' is *")
	}
	return nil
}

// mergeCORS lays the members that were sent over those that there are.
//
// AWS: one without members changes nothing of what there is; DeleteCorsConfiguration
// is how it is taken away. Names of headers are kept and shown in lower case.
// unverified against AWS: that one without members is one where there was none.
func mergeCORS(have *snapshot.CORS, sent *wire.Cors) *snapshot.CORS {
	if sent == nil {
		return have
	}
	out := snapshot.CORS{}
	if have != nil {
		out = *have
	}
	if sent.AllowCredentials != nil {
		out.AllowCredentials = sent.AllowCredentials
	}
	if sent.MaxAge != nil {
		out.MaxAge = sent.MaxAge
	}
	replace := func(dst *[]string, list []string) {
		if list != nil {
			*dst = list
		}
	}
	replace(&out.AllowMethods, sent.AllowMethods)
	replace(&out.AllowOrigins, sent.AllowOrigins)
	replace(&out.AllowHeaders, lowered(sent.AllowHeaders))
	replace(&out.ExposeHeaders, lowered(sent.ExposeHeaders))
	return &out
}

func lowered(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

func wireCORS(c *snapshot.CORS) *wire.Cors {
	if c == nil {
		return nil
	}
	return &wire.Cors{
		AllowCredentials: c.AllowCredentials,
		AllowHeaders:     noneIfEmpty(c.AllowHeaders),
		AllowMethods:     noneIfEmpty(c.AllowMethods),
		AllowOrigins:     noneIfEmpty(c.AllowOrigins),
		ExposeHeaders:    noneIfEmpty(c.ExposeHeaders),
		MaxAge:           c.MaxAge,
	}
}

// noneIfEmpty is for lists that AWS leaves out when they are empty.
func noneIfEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
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
