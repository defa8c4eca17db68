package rest

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/snapshot"
	"github.com/postern/postern/runtime/validate"
)

// requestValidator checks what a method asks of its requests: first the parameters,
// then the body.
type requestValidator struct {
	required []string // full expressions, sorted
	models   map[string]*validate.Schema
	body     bool
}

var (
	errParameters = errors.New("required parameters are missing")
	errBody       = errors.New("body does not match its model")
)

func (c *compiler) validator(m *snapshot.RESTMethod) (validator, error) {
	if !m.ValidateParameters && !m.ValidateBody {
		return open{}, nil
	}
	v := &requestValidator{body: m.ValidateBody}
	if m.ValidateParameters {
		for expr, required := range m.RequestParameters {
			if required {
				v.required = append(v.required, strings.TrimPrefix(expr, "method.request."))
			}
		}
		sort.Strings(v.required)
	}
	if m.ValidateBody {
		v.models = make(map[string]*validate.Schema, len(m.RequestModels))
		for contentType, name := range m.RequestModels {
			schema, err := c.apiModels().Get(name)
			if err != nil {
				return nil, err
			}
			key := contentType
			if key != defaultType {
				key = mediaType(key)
			}
			v.models[key] = schema
		}
	}
	return v, nil
}

// apiModels are the API's models, shared by its methods.
func (c *compiler) apiModels() *validate.Models {
	if c.models == nil {
		texts, imported := make(map[string]string, len(c.api.Models)), map[string]bool{}
		for _, m := range c.api.Models {
			texts[m.Name], imported[m.Name] = m.Schema, m.Imported
		}
		c.models = validate.NewModels(c.stage.API.ID, texts)
		c.models.Imported = imported
	}
	return c.models
}

func (v *requestValidator) Validate(c *call) error {
	if missing := v.missing(c); len(missing) > 0 {
		list := strings.Join(missing, ", ")
		return &gwerr.Error{Type: gwerr.BadRequestParameters, Message: "Missing required request parameters: [" + list + "]", Err: errParameters}
	}
	if !v.body || len(v.models) == 0 {
		return nil
	}
	media := jsonMedia
	if contentType := c.r.Header.Get("Content-Type"); contentType != "" {
		media = mediaType(contentType)
	}
	schema := v.models[media]
	if schema == nil {
		schema = v.models[defaultType]
	}
	if schema == nil {
		return nil
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	if violations, ok := schema.Body(body); !ok {
		c.rc.Error.Validation = violations
		return gwerr.New(gwerr.BadRequestBody, fmt.Errorf("%w: %s", errBody, violations))
	}
	return nil
}

// missing names the required parameters that a request lacks, header, path and query
// ones in this order. An empty value is none.
func (v *requestValidator) missing(c *call) []string {
	var out []string
	for _, expr := range v.required {
		where, name, _ := strings.Cut(expr, ".")
		var have []string
		switch where {
		case "header":
			have = last(newHeaderName(name).of(c))
		case "path":
			value, _ := c.rc.PathParameter(name)
			have = one(value)
		case "querystring":
			for _, p := range c.rc.Query() {
				if p.Name == name {
					have = one(p.Value)
				}
			}
		}
		if len(have) == 0 {
			out = append(out, name)
		}
	}
	return out
}
