package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"
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
		enc := json.NewEncoder(term.out)
		enc.SetIndent("", "  ")
		return enc.Encode(answer)
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
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(base, "/")+emulator.TokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%q is not a URL", base)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// A proxy of the environment's is not meant for this machine's services.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("nothing listens at %s", base)
	case err != nil:
		return nil, fmt.Errorf("%s does not answer: %w", base, err)
	}
	defer func() { _ = res.Body.Close() }()
	var body struct {
		tokenAnswer
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	err = json.NewDecoder(res.Body).Decode(&body)
	switch {
	case err == nil && body.Error != "":
		return nil, errors.New(body.Description)
	case err != nil || res.StatusCode != http.StatusOK || body.AccessToken == "":
		return nil, fmt.Errorf("what listens at %s is not a Postern", base)
	}
	return &body.tokenAnswer, nil
}
