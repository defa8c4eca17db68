package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/postern/postern/emulator"
)

type statusCommand struct {
	URL  string `name:"url" env:"POSTERN_URL,AWS_ENDPOINT_URL" default:"http://${listen}" placeholder:"URL" help:"The Postern to ask (default ${default})."`
	JSON bool   `name:"json" help:"Print the answer as it is."`
}

// Run asks a Postern for its health and prints it.
func (c *statusCommand) Run(ctx context.Context, term terminal) error {
	health, err := askHealth(ctx, c.URL)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(term.out)
		enc.SetIndent("", "  ")
		return enc.Encode(health)
	}
	up := time.Duration(health.Uptime * float64(time.Second)).Round(time.Second)
	state := "in memory"
	if health.DataDir != "" {
		state = "kept in " + health.DataDir
	}
	_, err = fmt.Fprintf(term.out, `Postern %s runs at %s, for %s
  APIs       %d REST, %d HTTP, %d WebSocket
  functions  %d, in %d environments
  executor   %s: %s
  state      %s
`, health.Version, c.URL, up,
		health.RESTAPIs, health.HTTPAPIs, health.WebSocketAPIs,
		health.Functions, health.Environments,
		health.Executor, health.ExecutorReason, state)
	return err
}

const askTime = 5 * time.Second

func askHealth(ctx context.Context, base string) (*emulator.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/_postern/health", nil)
	if err != nil {
		return nil, fmt.Errorf("%q is not a URL", base)
	}
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
	var health emulator.Health
	if err := json.NewDecoder(res.Body).Decode(&health); err != nil || res.StatusCode != http.StatusOK || health.Status == "" {
		return nil, fmt.Errorf("what listens at %s is not a Postern", base)
	}
	return &health, nil
}
