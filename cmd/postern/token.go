package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/postern/postern/emulator"
)

type tokenCommand struct {
	URL      string        `name:"url" env:"POSTERN_URL,AWS_ENDPOINT_URL" default:"http://${listen}" placeholder:"URL" help:"The Postern that issues it (default ${default})."`
	Audience []string      `placeholder:"NAME" help:"Whom the token is for (aud). May be repeated."`
	Scope    []string      `placeholder:"SCOPE" help:"What the token is good for. May be repeated."`
	Subject  string        `placeholder:"NAME" help:"Who the token speaks of (sub)."`
	Claim    []string      `placeholder:"NAME=VALUE" sep:"none" help:"A further claim; a value that is JSON is taken as such. May be repeated."`
	Expires  time.Duration `default:"1h" placeholder:"TIME" help:"How long the token is valid; with --expires=-1h it has expired already (default ${default})."`
	Issuer   string        `placeholder:"URL" help:"Name of the issuer (iss), for an authorizer that knows this Postern by another name. Default: http://localhost:PORT${oidc}."`
	JSON     bool          `name:"json" help:"Print the whole answer of the token endpoint."`
}

// Run asks a Postern for a token of its own issuer and prints it.
func (c *tokenCommand) Run(ctx context.Context, term terminal) error {
	form := url.Values{"grant_type": {"client_credentials"}, "expires": {c.Expires.String()}, "audience": c.Audience, "scope": c.Scope, "claim": c.Claim}
	for name, value := range map[string]string{"subject": c.Subject, "issuer": c.Issuer} {
		if value != "" {
			form.Set(name, value)
		}
	}
	answer, err := askToken(ctx, c.URL, form)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(term.out, answer)
	}
	_, err = fmt.Fprintln(term.out, answer.AccessToken)
	return err
}

// tokenAnswer is that of an OAuth 2.0 token endpoint.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Scope       string `json:"scope,omitempty"`
}

func askToken(ctx context.Context, base string, form url.Values) (*tokenAnswer, error) {
	var answer struct {
		tokenAnswer
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	status, err := ask(ctx, base, emulator.TokenPath, form, &answer)
	switch {
	case err != nil:
		return nil, err
	case answer.Error != "":
		return nil, errors.New(answer.Description)
	case status != http.StatusOK || answer.AccessToken == "":
		return nil, noPostern(base)
	}
	return &answer.tokenAnswer, nil
}
