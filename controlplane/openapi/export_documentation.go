package openapi

import (
	"strings"
	"time"
)

// documentation writes the documentation extension.
func (x *exporter) documentation() *object {
	out := newObject().put("version", x.doc.DocumentationVersion)
	if created := x.doc.DocumentationCreated; !created.IsZero() {
		out.set("createdDate", created.UTC().Format(time.RFC3339))
	}
	var list []any
	for _, part := range x.docs {
		properties, err := decode([]byte(part.Properties))
		if err != nil {
			continue
		}
		location := newObject().set("type", part.Type).put("path", part.Path).put("method", part.Method).
			put("statusCode", part.StatusCode).put("name", part.Name)
		list = append(list, newObject().set("location", location).set("properties", properties))
	}
	return out.set("documentationParts", list)
}

// documented adds what the documentation says of a place to an object that lacks it.
// Below names the member of the properties that is meant, if not all.
func (x *exporter) documented(o *object, at DocumentationPart, below string) *object {
	part := x.part(at)
	if part == nil {
		return o
	}
	properties, err := decode([]byte(part.Properties))
	if err != nil {
		return o
	}
	if below != "" {
		properties = properties.object(below)
	}
	for _, k := range properties.members() {
		if !o.has(k) {
			o.set(k, properties.get(k))
		}
	}
	return o
}

// part finds the documentation of a place: its own, or the nearest that it inherits
// from a parent path or from a method or status that stands for all.
func (x *exporter) part(at DocumentationPart) *DocumentationPart {
	var best *DocumentationPart
	bestScore := -1
	for i := range x.docs {
		d := &x.docs[i]
		if d.Type != at.Type || d.Name != at.Name {
			continue
		}
		score := 0
		switch {
		case d.Path == at.Path:
			score += 4 * (len(at.Path) + 2)
		case d.Path == "" || d.Path == "/" || strings.HasPrefix(at.Path, d.Path+"/"):
			score += 4 * len(d.Path)
		default:
			continue
		}
		method, fits := match(d.Method, at.Method)
		status, also := match(d.StatusCode, at.StatusCode)
		if !fits || !also {
			continue
		}
		if score += 2*method + status; score > bestScore {
			best, bestScore = d, score
		}
	}
	return best
}

func match(have, want string) (score int, ok bool) {
	switch have {
	case want:
		return 1, true
	case "", "*":
		return 0, true
	}
	return 0, false
}

func (x *exporter) describeParameter(o *object, at DocumentationPart, p parameter) {
	at.Type, at.Name = parameterParts[p.in], p.name
	x.documented(o, at, "")
}

func (x *exporter) describeHeader(o *object, at DocumentationPart, r MethodResponse, name string) *object {
	at.Type, at.StatusCode, at.Name = "RESPONSE_HEADER", r.StatusCode, name
	return x.documented(o, at, "")
}

func (x *exporter) responseDescription(at DocumentationPart, r MethodResponse) string {
	at.Type, at.StatusCode = "RESPONSE", r.StatusCode
	if text := x.documented(newObject(), at, "").text("description"); text != "" {
		return text
	}
	return r.StatusCode + " response"
}
