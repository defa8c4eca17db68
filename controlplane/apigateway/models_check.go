package apigateway

import (
	"encoding/json"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
)

var (
	errNoSchema  = awsapi.BadRequest("Model schema must have at least 1 property or array items defined")
	errBadSchema = awsapi.BadRequest("Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
	errReference = awsapi.BadRequest("Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]")
)

// checkSchema wants a schema, which for JSON is an object.
func checkSchema(schema, contentType string) error {
	if strings.TrimSpace(schema) == "" {
		return errNoSchema
	}
	var doc map[string]any
	if strings.HasSuffix(contentType, "json") && json.Unmarshal([]byte(schema), &doc) != nil {
		return errBadSchema
	}
	return nil
}

// checkModel judges a model as it would be used: requests are checked with it in the
// data plane, which has the last word on whether it can be.
func (tx *txn) checkModel(apiID string, m *Model) error {
	if err := checkSchema(m.Schema, m.ContentType); err != nil {
		return err
	}
	if !strings.HasSuffix(m.ContentType, "json") {
		return nil
	}
	var schema any
	// It was read above.
	_ = json.Unmarshal([]byte(m.Schema), &schema)
	texts := map[string]string{m.Name: m.Schema}
	for _, other := range models.List(tx.Tx, tx.scope, apiID+"/") {
		if other.Name != m.Name {
			texts[other.Name] = other.Schema
		}
	}
	for _, ref := range references(schema, nil) {
		name, canonical := modelInURL(ref)
		if !canonical && !strings.HasPrefix(ref, "#") {
			return errReference
		}
		// unverified against AWS: a model may come before those that it refers to.
		if _, known := texts[name]; canonical && !known {
			texts[name] = "{}"
		}
	}
	if tx.s.CheckModels != nil && tx.s.CheckModels(apiID, texts, m.Name) != nil {
		return errBadSchema
	}
	return nil
}

// references gives every $ref below a value.
func references(v any, found []string) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = references(e, found)
		}
	case map[string]any:
		for k, e := range v {
			if ref, ok := e.(string); ok && k == "$ref" {
				found = append(found, ref)
				continue
			}
			found = references(e, found)
		}
	}
	return found
}
