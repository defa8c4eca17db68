// Command awsgen writes the generated AWS shapes and operation tables
// (zz_generated_*.go under the wire packages) from AWS's service models.
//
//	go run ./scripts/awsgen -models DIR          # write
//	go run ./scripts/awsgen -models DIR -check   # fail if the committed files differ
//
// DIR is botocore's data folder; without -models the one of the installed
// python3 botocore is used. services.json beside this file names the services,
// the operations of the supporting ones, and the few values in which recorded
// AWS answers differ from the published model.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed services.json
var servicesJSON []byte

type serviceConfig struct {
	Model      string              `json:"model"`
	Package    string              `json:"package"`
	Dir        string              `json:"dir"`
	PathPrefix bool                `json:"pathPrefix"`
	Operations []string            `json:"operations"`
	EnumOrder  map[string][]string `json:"enumOrder"`
	Pattern    map[string]string   `json:"pattern"`
	// MaxLength is for shapes whose bound stands in their name alone.
	MaxLength map[string]float64 `json:"maxLength"`
}

func main() {
	models := flag.String("models", "", "folder of botocore's service models (botocore/data)")
	check := flag.Bool("check", false, "compare with the committed files instead of writing")
	root := flag.String("root", ".", "root of the checkout")
	flag.Parse()
	if err := run(*models, *root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "awsgen:", err)
		os.Exit(1)
	}
}

func run(models, root string, check bool) error {
	if models == "" {
		out, err := exec.Command("python3", "-c", "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))").Output()
		if err != nil {
			return fmt.Errorf("no -models given and python3 has no botocore: %w", err)
		}
		models = strings.TrimSpace(string(out))
	}
	var cfg struct {
		Services []serviceConfig `json:"services"`
	}
	if err := json.Unmarshal(servicesJSON, &cfg); err != nil {
		return fmt.Errorf("services.json: %w", err)
	}
	for _, sc := range cfg.Services {
		m, err := loadModel(models, sc)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.Model, err)
		}
		files, err := generate(m, sc)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.Model, err)
		}
		for name, text := range files {
			path := filepath.Join(root, sc.Dir, name)
			if check {
				have, err := os.ReadFile(path)
				if err != nil || !bytes.Equal(have, text) {
					return fmt.Errorf("%s is not what the model gives; run: go run ./scripts/awsgen", path)
				}
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
