package runtimeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/postern/postern/internal/http1"
)

// Serve serves an environment's API on ln until the returned server is closed. It sets no timeout: a poll may last for hours.
func Serve(ln net.Listener, api http.Handler, log *slog.Logger) *http1.Server {
	server := &http1.Server{Handler: api, HeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() { _ = server.Serve(ln) }() // ends with the server's Close; the error says only that
	return server
}

// headerBytes bounds what a runtime may send before a body.
const headerBytes = 1 << 20

// accept is the answer to everything that was understood.
func accept(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{"16"}
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, "{\"status\":\"OK\"}\n")
}

// refuse is an error answer of the API.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(errorJSON(message, kind))
}

// refuseBody answers a body that could not be read; the connection cannot be used again.
func refuseBody(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close")
	if errors.Is(err, errTooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", MaxResponse))
		return
	}
	refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request truncated")
}

func errorJSON(message, kind string) []byte {
	body, err := json.Marshal(struct {
		ErrorMessage string `json:"errorMessage"`
		ErrorType    string `json:"errorType"`
	}{message, kind})
	if err != nil {
		return nil // unreachable: two strings
	}
	return body
}

func allow(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method {
		return true
	}
	w.Header().Set("Allow", method)
	w.WriteHeader(http.StatusMethodNotAllowed)
	return false
}
