package openapi

import (
	"fmt"
	"strings"
)

// parser reads one document.
type parser struct {
	opts    Options
	root    *object
	swagger bool // 2.0, else 3.0.x
	doc     *Document

	schemes  map[string]*scheme
	models   map[string]bool
	base     []string // path parts that every path gets
	paths    map[string]*Resource
	spent    int // weight of what references multiplied
	warnings []string
	errors   []string
}

// Parse reads a document. The error is an *Error with AWS's text; warnings come also
// with a document that is accepted.
func Parse(body []byte, opts Options) (*Document, []string, error) {
	p, err := newParser(body, opts)
	if err != nil {
		return nil, nil, ErrInvalid
	}
	p.readInfo()
	p.readSettings()
	p.readModels()
	p.readSchemes()
	if err := p.readPaths(); err != nil {
		return nil, nil, err
	}
	if !opts.IgnoreDocumentation && opts.Protocol == REST {
		p.readDocumentation()
	}
	if p.exhausted() {
		return nil, nil, ErrInvalid
	}
	if err := Reject(p.errors, p.warnings, opts.FailOnWarnings); err != nil {
		return nil, p.warnings, err
	}
	return p.doc, p.warnings, nil
}

func newParser(body []byte, opts Options) (*parser, error) {
	root, err := decode(body)
	if err != nil {
		return nil, err
	}
	p := &parser{opts: opts, root: root, doc: &Document{}, schemes: map[string]*scheme{}, models: map[string]bool{}, paths: map[string]*Resource{}}
	if err := p.version(); err != nil {
		return nil, err
	}
	p.substitute(root)
	return p, nil
}

// version accepts Swagger 2.0 and OpenAPI 3.0.x. AWS: HTTP APIs take only the
// latter.
func (p *parser) version() error {
	p.swagger = p.root.text("swagger") == "2.0" || p.root.text("swagger") == "2"
	if p.swagger && p.opts.Protocol == REST {
		return nil
	}
	if v := p.root.text("openapi"); !p.swagger && (v == "3.0" || strings.HasPrefix(v, "3.0.")) {
		return nil
	}
	return ErrInvalid
}

// substitute fills in the variables of the importing account, which AWS knows in
// extensions alone.
func (p *parser) substitute(v any) {
	var pairs []string
	for name, value := range map[string]string{"AccountId": p.opts.Account, "Partition": p.opts.Partition, "Region": p.opts.Region} {
		if value != "" {
			pairs = append(pairs, "${AWS::"+name+"}", value)
		}
	}
	if len(pairs) > 0 {
		substituteExtensions(v, strings.NewReplacer(pairs...).Replace)
	}
}

func substituteExtensions(v any, replace func(string) string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			substituteExtensions(e, replace)
		}
	case *object:
		for _, k := range v.keys {
			if strings.HasPrefix(k, extensionPrefix) {
				v.values[k] = rewrite(v.values[k], replace)
			} else {
				substituteExtensions(v.values[k], replace)
			}
		}
	}
}

func (p *parser) readInfo() {
	info := p.root.object("info")
	p.doc.Name, p.doc.Description, p.doc.Version = info.text("title"), info.text("description"), info.text("version")
}

func (p *parser) warn(format string, args ...any) { p.tell(&p.warnings, format, args) }

func (p *parser) fail(format string, args ...any) { p.tell(&p.errors, format, args) }

func (p *parser) info(format string, args ...any) { p.tell(&p.doc.Info, format, args) }

func (p *parser) tell(list *[]string, format string, args []any) {
	if message := fmt.Sprintf(format, args...); p.spend(message) {
		*list = append(*list, message)
	}
}

// maxSpent bounds what a document may stand for through its references, its base
// path and what it says for all operations, in nodes.
const maxSpent = 1 << 21

// spend counts a value that may be read many times. False: it is enough.
func (p *parser) spend(v any) bool {
	if !p.exhausted() {
		p.spent += referenceWeight + weight(v)
	}
	return !p.exhausted()
}

func (p *parser) exhausted() bool { return p.spent > maxSpent }

const referenceWeight = 8

// component finds the objects that references name by their kind: the root of a
// Swagger document, components in OpenAPI 3.
func (p *parser) component(swagger, openapi string) *object {
	if p.swagger {
		return p.root.object(swagger)
	}
	return p.root.object("components").object(openapi)
}
