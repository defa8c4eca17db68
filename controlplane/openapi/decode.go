package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// Bounds of a document. AWS: 6 MB; the others keep a small document from growing
// into a large tree through aliases.
const (
	maxBody  = 6 << 20
	maxDepth = 200
	maxNodes = 1 << 20

	nodeBytes = 64 // of a text count as one node
)

var errBounds = errors.New("document is too deep or too large")

// decode reads a document, whose syntax AWS finds out for itself whatever the
// content type says.
func decode(body []byte) (*object, error) {
	if len(body) > maxBody {
		return nil, errBounds
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	v, err := decodeJSON(body)
	if err != nil && !errors.Is(err, errBounds) {
		v, err = decodeYAML(body)
	}
	if err != nil {
		return nil, err
	}
	if root, ok := v.(*object); ok {
		return root, nil
	}
	return nil, errors.New("document is not an object")
}

func decodeJSON(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := jsonValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more after the document")
	}
	return v, nil
}

func jsonValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errBounds
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		out := newObject()
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := jsonValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			out.set(key.(string), value) // a JSON key is a string, or Token failed
		}
		_, err = d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			value, err := jsonValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		_, err = d.Token()
		return out, err
	}
	return token, nil
}

func decodeYAML(body []byte) (any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("document is empty")
	}
	return (&yamlReader{}).value(doc.Content[0], 0)
}

// yamlReader counts what it makes: an alias is made again wherever it is used, which
// lets a few lines stand for billions of nodes.
type yamlReader struct{ nodes int }

func (r *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	if r.nodes += 1 + len(n.Value)/nodeBytes; depth > maxDepth || r.nodes > maxNodes {
		return nil, errBounds
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := r.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.MappingNode:
		return r.mapping(n, depth)
	}
	return yamlScalar(n), nil
}

func (r *yamlReader) mapping(n *yaml.Node, depth int) (any, error) {
	out := newObject()
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		v, err := r.value(value, depth+1)
		if err != nil {
			return nil, err
		}
		if key.Tag == "!!merge" {
			merge(out, v)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return nil, errors.New("a key is not a scalar")
		}
		out.set(key.Value, v)
	}
	return out, nil
}

// merge adds the members of <<, an object or a list of objects, that are not there.
func merge(into *object, v any) {
	switch v := v.(type) {
	case *object:
		for _, k := range v.keys {
			if !into.has(k) {
				into.set(k, v.values[k])
			}
		}
	case []any:
		for _, e := range v {
			merge(into, e)
		}
	}
}

func yamlScalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64); err == nil {
			return json.Number(strconv.FormatInt(i, 10))
		}
	case "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}
