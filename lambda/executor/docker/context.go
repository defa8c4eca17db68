package docker

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/docker/client"
)

// connect makes a client for the engine that the docker command would use: DOCKER_HOST, else the current context, else the
// platform's default socket.
func connect() (*client.Client, error) {
	options := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if os.Getenv(client.EnvOverrideHost) == "" {
		host, err := contextHost(configDir())
		if err != nil {
			return nil, err
		}
		if host != "" {
			options = append(options, client.WithHost(host))
		}
	}
	return client.NewClientWithOpts(options...)
}

func configDir() string {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	home, _ := os.UserHomeDir() // without a home there is no configuration
	return filepath.Join(home, ".docker")
}

// contextHost reads where the docker command's current context leads; empty for the default context. Desktop products put
// their engine's socket below the home directory and point a context at it.
func contextHost(dir string) (string, error) {
	var config struct {
		CurrentContext string `json:"currentContext"`
	}
	if content, err := os.ReadFile(filepath.Join(dir, "config.json")); err == nil {
		if err := json.Unmarshal(content, &config); err != nil {
			return "", fmt.Errorf("read docker's configuration in %s: %w", dir, err)
		}
	}
	name := cmp.Or(os.Getenv("DOCKER_CONTEXT"), config.CurrentContext)
	if name == "" || name == "default" {
		return "", nil
	}
	file := filepath.Join(dir, "contexts", "meta", fmt.Sprintf("%x", sha256.Sum256([]byte(name))), "meta.json")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("docker context %q: %w", name, err)
	}
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err := json.Unmarshal(content, &meta); err != nil {
		return "", fmt.Errorf("docker context %q: %w", name, err)
	}
	host := meta.Endpoints["docker"].Host
	if strings.HasPrefix(host, "ssh://") {
		return "", fmt.Errorf("docker context %q uses %s, and ssh is not supported: forward the engine's socket and set DOCKER_HOST", name, host)
	}
	return host, nil
}
