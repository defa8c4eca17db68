package main

import (
	"context"
	"fmt"
	"net/http"
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
		return printJSON(term.out, health)
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

func askHealth(ctx context.Context, base string) (*emulator.Health, error) {
	var health emulator.Health
	status, err := ask(ctx, base, "/_postern/health", nil, &health)
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK || health.Status == "":
		return nil, noPostern(base)
	}
	return &health, nil
}
