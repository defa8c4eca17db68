package main

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// site knows nothing of Lambda.
func site() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.GetHead)
	r.Get("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<h1>home</h1>")
	})
	r.Get("/logo.png", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "public/logo.png") })
	r.Get("/seen", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, http.StatusOK, map[string]any{"url": r.RequestURI, "host": r.Host, "proto": r.Header.Get("X-Forwarded-Proto"), "from": r.Header.Get("X-Forwarded-For")})
	})
	r.Get("/items/{id}", item)
	r.Options("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Allow", "GET, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	})
	r.Post("/json", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Name string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, r, http.StatusCreated, map[string]any{"hello": in.Name})
	})
	r.Post("/form", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, r, http.StatusOK, map[string]any{"a": r.PostForm["a"], "b": r.PostForm.Get("b")})
	})
	r.Post("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		_, _ = io.Copy(w, r.Body)
	})
	r.Post("/login", login)
	r.Get("/me", me)
	r.Get("/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/items/1", http.StatusMovedPermanently)
	})
	r.Get("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://example.com/a?b=c&d=%C3%A9", http.StatusFound)
	})
	r.Get("/page", page)
	r.Get("/fail", func(http.ResponseWriter, *http.Request) { panic("no such luck") })
	r.Get("/crash", func(w http.ResponseWriter, r *http.Request) {
		// What panics out of the framework's sight ends the process.
		go func() { panic("gone") }()
		<-r.Context().Done()
	})
	// Some events carry the stage in their paths.
	root := chi.NewRouter()
	root.Mount("/dev", r)
	root.Mount("/", r)
	return root
}

func answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status != http.StatusOK {
		w.WriteHeader(status)
		_, _ = w.Write(b)
		return
	}
	w.Header().Set("Etag", fmt.Sprintf(`"%x"`, sha256.Sum256(b)))
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(b)))
}

func item(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
	tags := r.URL.Query()["tag"]
	if tags == nil {
		tags = []string{}
	}
	answer(w, r, http.StatusOK, map[string]any{"id": chi.URLParam(r, "id"), "tags": tags, "q": r.URL.Query().Get("q")})
}

func login(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "user", Value: r.PostFormValue("user"), Path: "/"})
	http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark", Path: "/", HttpOnly: true})
	// http.Redirect would make a whole path of it, and the stage is not always in the request's.
	w.Header().Set("Location", "me?from=login")
	w.WriteHeader(http.StatusSeeOther)
}

func me(w http.ResponseWriter, r *http.Request) {
	user, err := r.Cookie("user")
	theme, missing := r.Cookie("theme")
	if err != nil || missing != nil {
		answer(w, r, http.StatusUnauthorized, map[string]any{"error": "log in first"})
		return
	}
	answer(w, r, http.StatusOK, map[string]any{"user": user.Value, "theme": theme.Value, "from": r.FormValue("from")})
}

func page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Encoding")
	text := strings.Repeat("<p>some text</p>\n", 500)
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		fmt.Fprint(w, text)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	zw := gzip.NewWriter(w)
	fmt.Fprint(zw, text)
	_ = zw.Close()
}
