package mapping

import (
	"context"
	"fmt"

	"github.com/postern/postern/runtime/vtl"
)

// Template is a compiled mapping template. It is safe for concurrent use.
type Template struct {
	template *vtl.Template
	broken   error // instead of a template
}

// Compile parses a mapping template; its error tells line and column. AWS
// deploys a template that does not parse and fails each request that needs it,
// so whoever compiles at deployment keeps the error for then.
func Compile(src string) (*Template, error) {
	t, err := vtl.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("mapping template: %w", err)
	}
	return &Template{template: t}, nil
}

// Broken is a template that fails each rendering with the error of its Compile.
func Broken(err error) *Template { return &Template{broken: err} }

// Input is what a template sees of one exchange. On the response side Body is
// the backend's and the parameters are still those of the client's request.
type Input struct {
	Body           []byte
	Path           []Param
	Query          []Param
	Header         []Param
	StageVariables []Param
	// FoldHeaders is set when the server has made the headers' names alike. AWS
	// minds the case that the client sent; where that is lost, a template that
	// asks for x-custom has to find X-Custom.
	FoldHeaders bool
	// Context is shared by the templates of an exchange; nil is an empty one.
	Context *Context
	// Limits bound the rendering; the zero value means vtl's defaults.
	Limits vtl.Limits
}

// Param is a parameter of a request. Of several with one name the last counts.
type Param struct{ Name, Value string }

// Render runs the template. Any error means that the body could not be
// transformed, which API Gateway answers with a 500.
func (t *Template) Render(ctx context.Context, in Input) (string, error) {
	if t.broken != nil {
		return "", t.broken
	}
	env := make(vtl.Env, 4)
	if t.template.Uses("input") {
		env["input"] = &input{in: &in}
	}
	if t.template.Uses("util") {
		env["util"] = util{}
	}
	if t.template.Uses("stageVariables") {
		env["stageVariables"] = paramMap(in.StageVariables)
	}
	var overridden *Context
	if in.Context != nil && t.template.Uses("context") {
		overridden = in.Context
		env["context"] = overridden.begin()
	}
	out, err := t.template.Execute(ctx, env, in.Limits)
	if err != nil {
		return "", fmt.Errorf("mapping template: %w", err)
	}
	if overridden != nil && overridden.repeated != "" {
		// AWS: more than one override of the same parameter is a 5XX.
		return "", fmt.Errorf("mapping template: %s is overridden more than once", overridden.repeated)
	}
	return out, nil
}

func paramMap(params []Param) *vtl.Map {
	m := vtl.NewMap(len(params))
	for _, p := range params {
		m.Set(p.Name, p.Value)
	}
	return m
}

// droppedHeaders never reach a template.
var droppedHeaders = map[string]bool{
	"connection": true, "content-length": true, "content-md5": true, "expect": true, "max-forwards": true,
	"proxy-authenticate": true, "server": true, "te": true, "transfer-encoding": true, "trailer": true,
	"upgrade": true, "www-authenticate": true,
}

// longestDropped is the length of the longest of their names.
const longestDropped = len("proxy-authenticate")

// dropped is asked of every header of every request, so it makes no text.
func dropped(name string) bool {
	if len(name) > longestDropped {
		return false
	}
	var lower [longestDropped]byte
	for i := range len(name) {
		lower[i] = name[i]
		if 'A' <= name[i] && name[i] <= 'Z' {
			lower[i] |= 0x20
		}
	}
	return droppedHeaders[string(lower[:len(name)])]
}

// headerMap leaves out the dropped headers. Names stay as the client wrote
// them, and are looked up that way.
func headerMap(params []Param) *vtl.Map {
	m := vtl.NewMap(len(params))
	for _, p := range params {
		if !dropped(p.Name) {
			m.Set(p.Name, p.Value)
		}
	}
	return m
}
