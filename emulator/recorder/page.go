package recorder

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

//go:embed page.html
var pageText string

// pageTemplate is parsed when somebody looks.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("calls").Funcs(template.FuncMap{"indent": indent, "parameters": parameters}).Parse(pageText))
})

// wantsPage tells whether it is a browser that asks.
func wantsPage(req *http.Request) bool {
	return strings.Contains(req.Header.Get("Accept"), "text/html")
}

// showPage shows calls to a person.
func showPage(w http.ResponseWriter, filter url.Values, calls []*Call) {
	var b bytes.Buffer
	fields := []struct{ Name, Value string }{}
	for _, name := range []string{"service", "action", "api", "stage", "request"} {
		fields = append(fields, struct{ Name, Value string }{name, filter.Get(name)})
	}
	if err := pageTemplate().Execute(&b, map[string]any{"Calls": calls, "Fields": fields, "Filtered": len(filter) > 0}); err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"message": err.Error()})
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(b.Bytes()) // a client that went away is nobody's concern
}

// parameters is what a call asks for, without what only names the action.
func parameters(c *Call) map[string]string {
	out := map[string]string{}
	switch all := c.Parameters.(type) {
	case map[string]string:
		for name, v := range all {
			if name != "Action" && name != "Version" {
				out[name] = indent([]byte(v))
			}
		}
	case map[string]any:
		for name, v := range all {
			if text, ok := v.(string); ok {
				out[name] = indent([]byte(text))
			} else if b, err := json.Marshal(v); err == nil {
				out[name] = indent(b)
			}
		}
	}
	return out
}

// indent lays out JSON and XML; all else stays as it is.
func indent(text Text) string {
	var b bytes.Buffer
	switch start := strings.TrimSpace(text.String()); {
	case strings.HasPrefix(start, "{") || strings.HasPrefix(start, "["):
		if json.Indent(&b, text, "", "  ") == nil {
			return b.String()
		}
	case strings.HasPrefix(start, "<"):
		if indentXML(&b, start) == nil {
			return b.String()
		}
	}
	return text.String()
}

// indentXML keeps the tags as they are written and puts each element without a text
// of its own on a line.
func indentXML(b *bytes.Buffer, text string) error {
	dec := xml.NewDecoder(strings.NewReader(text))
	depth, from, leaf := 0, int64(0), false
	line := func(depth int) {
		if b.Len() > 0 {
			b.WriteString("\n" + strings.Repeat("  ", depth))
		}
	}
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		raw := text[from:dec.InputOffset()]
		from = dec.InputOffset()
		switch token.(type) {
		case xml.StartElement:
			line(depth)
			depth, leaf = depth+1, true
		case xml.EndElement:
			depth = max(depth-1, 0)
			if !leaf {
				line(depth)
			}
			leaf = false
		}
		b.WriteString(raw)
	}
}
