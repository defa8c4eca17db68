package docker

import (
	"context"
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/lambda/executor"
)

// registry is where AWS publishes the base images.
const registry = "public.ecr.aws/lambda/"

// runtimeName takes a runtime identifier apart: nodejs20.x, python3.12, java8.al2, provided.al2023, dotnetcore3.1.
var runtimeName = lazyregexp.New(`^(nodejs|python|java|dotnet|ruby|go|provided)\.?([a-z0-9.]*?)(\.x)?$`)

// image is the image that a function version runs in.
func (e *Executor) image(spec *executor.Spec) (string, error) {
	if spec.Image != nil {
		return spec.Image.URI, nil
	}
	if image := e.config.Images[spec.Runtime]; image != "" {
		return image, nil
	}
	if template := e.config.Images["*"]; template != "" {
		return strings.ReplaceAll(template, "{runtime}", spec.Runtime), nil
	}
	return defaultImage(spec.Runtime)
}

func defaultImage(name string) (string, error) {
	parts := runtimeName().FindStringSubmatch(name)
	if parts == nil {
		return "", fmt.Errorf("no base image is known for the runtime %q", name)
	}
	if parts[2] == "" {
		parts[2] = "alami" // AWS: "provided" alone is Amazon Linux 1
	}
	return registry + parts[1] + ":" + parts[2], nil
}

// platform is what the function version asks for.
func (e *Executor) platform(spec *executor.Spec, own string) ocispec.Platform {
	arch := own
	if !e.config.IgnoreArchitecture {
		switch spec.Architecture {
		case "x86_64":
			arch = "amd64"
		case "arm64":
			arch = "arm64"
		}
	}
	return ocispec.Platform{OS: "linux", Architecture: arch}
}

// arch is the engine's architecture as Go and images name it. Engines take some milliseconds to tell, so it is not asked for at start.
func (e *Executor) arch(ctx context.Context) (string, error) {
	e.mu.Lock()
	known := e.engineArch
	e.mu.Unlock()
	if known != "" {
		return known, nil
	}
	info, err := e.engine.Info(ctx)
	if err != nil {
		return "", e.engineError("ask the engine what it is", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.engineArch = goArch(info.Architecture)
	return e.engineArch, nil
}

// goArch translates what uname calls an architecture.
func goArch(machine string) string {
	switch strings.ToLower(machine) {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	}
	return machine
}
