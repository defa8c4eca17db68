package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const askTime = 5 * time.Second

// ask gets a page of the Postern at base, or posts a form to it, and decodes the
// answer, whose status it gives.
func ask(ctx context.Context, base, path string, form url.Values, answer any) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base, "/")+path, body)
	if err != nil {
		return 0, fmt.Errorf("%q is not a URL", base)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	// A proxy of the environment's is not meant for this machine's services.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return 0, fmt.Errorf("nothing listens at %s", base)
	case err != nil:
		return 0, fmt.Errorf("%s does not answer: %w", base, err)
	}
	defer func() { _ = res.Body.Close() }()
	if json.NewDecoder(res.Body).Decode(answer) != nil {
		return 0, noPostern(base)
	}
	return res.StatusCode, nil
}

func noPostern(base string) error { return fmt.Errorf("what listens at %s is not a Postern", base) }

// printJSON prints an answer for programs to read.
func printJSON(w io.Writer, answer any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(answer)
}
