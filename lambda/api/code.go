package api

import (
	"context"
	"net/http"
	"path"
	"strconv"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/lambda"
)

// CodePath is where the code handler belongs.
const CodePath = "/_postern/code/"

// codeURL is where a zip can be fetched. Its name cannot be guessed: it is the hash of what it names.
func (a *API) codeURL(ctx context.Context, c lambda.Code) string {
	if c.Blob == "" {
		return ""
	}
	return a.config.BaseURL(ctx) + CodePath + c.Blob
}

var blobName = lazyregexp.New(`^[0-9a-f]{64}$`)

// CodeHandler serves the zips of functions and layers below CodePath.
func (a *API) CodeHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
			return
		}
		key := path.Base(r.URL.Path)
		if !blobName().MatchString(key) {
			http.NotFound(w, r)
			return
		}
		zip, err := a.service.CodeZip(key)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Length", strconv.Itoa(len(zip)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(zip) // a caller that went away is nobody's concern
		}
	})
}
