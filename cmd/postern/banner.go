package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/postern/postern/emulator"
)

// banner says what runs and what to do with it. It is one write, so that log
// lines do not come between.
func banner(w io.Writer, d emulator.Description) {
	var b strings.Builder
	reach := "this machine only"
	if !d.Loopback {
		reach = "other machines too: whoever reaches it can change APIs and run functions"
	}
	fmt.Fprintf(&b, "Postern %s listens on %s (%s)\n", version(), d.URL, reach)
	how := map[string]string{emulator.ExecutorDocker: "in containers", emulator.ExecutorProcess: "as processes"}[d.Executor]
	fmt.Fprintf(&b, "  functions  run %s: %s\n", how, d.ExecutorReason)
	if d.DataDir == "" {
		fmt.Fprintf(&b, "  state      is in memory; --data-dir DIR keeps it\n")
	} else {
		fmt.Fprintf(&b, "  state      is kept in %s\n", d.DataDir)
	}
	for _, upstream := range d.Upstreams {
		fmt.Fprintf(&b, "  upstream   %s\n", upstream)
	}
	fmt.Fprintf(&b, `
Try:
  export AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=%s
  aws apigatewayv2 create-api --name hello --protocol-type HTTP
  curl %s/_postern/traces

`, d.URL, d.Region, d.URL)
	_, _ = io.WriteString(w, b.String())
}

// bannerJSON says the same to a program, on one line.
func bannerJSON(w io.Writer, d emulator.Description) {
	line, err := json.Marshal(struct {
		Message        string   `json:"message"`
		Version        string   `json:"version"`
		URL            string   `json:"url"`
		Executor       string   `json:"executor"`
		ExecutorReason string   `json:"executorReason"`
		DataDir        string   `json:"dataDir,omitempty"`
		Upstreams      []string `json:"upstreams,omitempty"`
	}{"listening", version(), d.URL, d.Executor, d.ExecutorReason, d.DataDir, d.Upstreams})
	if err == nil {
		_, _ = w.Write(append(line, '\n'))
	}
}
