package emulator

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/docker"
	"github.com/postern/postern/lambda/executor/process"
)

// noEndpoint is the EndpointURL that leaves functions without one.
const noEndpoint = "none"

// engineWait is how long an engine may take to answer before auto decides that
// there is none.
const engineWait = 3 * time.Second

// chooseExecutor makes the executor that the configuration asks for, and says why.
func (e *Emulator) chooseExecutor(ctx context.Context) (executor.Executor, string, error) {
	if e.cfg.Lambda.Executor == ExecutorProcess {
		return e.processExecutor(), "chosen with --executor process", nil
	}
	ctx, cancel := context.WithTimeout(ctx, engineWait)
	defer cancel()
	d, err := docker.New(ctx, e.dockerConfig())
	if err == nil {
		return d, d.Engine() + " answers", nil
	}
	if e.cfg.Lambda.Executor == ExecutorDocker {
		return nil, "", fmt.Errorf("--executor docker: %w", err)
	}
	return e.processExecutor(), "no Docker engine answers", nil
}

// functionEndpoint is AWS_ENDPOINT_URL of functions: what the user set, nothing for
// "none", else own.
func (e *Emulator) functionEndpoint(own string) string {
	switch e.cfg.Lambda.EndpointURL {
	case "":
		return own
	case noEndpoint:
		return ""
	}
	return e.cfg.Lambda.EndpointURL
}

// endpointHandler is what containers reach at an address of their own making.
func (e *Emulator) endpointHandler() http.Handler {
	if e.cfg.Lambda.EndpointURL == noEndpoint {
		return nil
	}
	return e
}

func (e *Emulator) processExecutor() executor.Executor {
	return process.New(process.Config{Now: e.clock.Now, Logger: e.log, EndpointURL: e.functionEndpoint(e.url)})
}

func (e *Emulator) dockerConfig() docker.Config {
	return docker.Config{
		Logger: e.log, Now: e.clock.Now, Images: e.cfg.Lambda.Images, Network: e.cfg.Lambda.Network, CallbackHost: e.cfg.Lambda.CallbackHost,
		Endpoint: e.endpointHandler(), EndpointURL: e.functionEndpoint(""),
	}
}
