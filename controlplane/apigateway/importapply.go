package apigateway

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/openapi"
)

// applier makes an API what a document says. Under merge everything that the
// document does not mention stays; under overwrite it goes. Resources whose path
// stays keep their ids either way.
type applier struct {
	tx             *txn
	api            *RestAPI
	doc            *openapi.Document
	overwrite      bool
	failOnWarnings bool
	warnings       []string
	// ignoreDocumentation keeps the documentation as it is, under overwrite too.
	ignoreDocumentation bool

	validators  map[string]string // name to id
	authorizers map[string]string
	errors      []string
}

func (a *applier) apply() error {
	if err := a.settings(); err != nil {
		return err
	}
	a.models()
	a.namedParts()
	a.gatewayResponses()
	a.resources()
	if err := openapi.Reject(a.errors, a.warnings, a.failOnWarnings); err != nil {
		return refusedDocument(err)
	}
	if !a.ignoreDocumentation {
		a.tx.putDocumentation(a.api.ID, a.doc.DocumentationParts, a.overwrite)
	}
	return a.limits()
}

// limits refuses an API that has become too large.
func (a *applier) limits() error {
	tx, prefix := a.tx, a.api.ID+"/"
	switch {
	case resources.Len(tx.Tx, tx.scope, prefix) > maxResources+1: // the root does not count
		return errTooManyResources
	case authorizers.Len(tx.Tx, tx.scope, prefix) > maxAuthorizers:
		return errTooManyAuthorizers
	case documentationParts.Len(tx.Tx, tx.scope, prefix) > maxDocumentationParts:
		return errTooManyParts
	}
	return nil
}

// failed notes an error in the words of an import.
func (a *applier) failed(format string, args ...any) {
	a.errors = append(a.errors, fmt.Sprintf(format, args...))
}

func (a *applier) settings() error {
	api, doc := a.api, a.doc
	// unverified against AWS: that the name stays where the document has none.
	api.Name, api.Description, api.Version = cmp.Or(doc.Name, api.Name), doc.Description, doc.Version
	if a.overwrite {
		api.BinaryMediaTypes = nil
	}
	for _, t := range doc.BinaryMediaTypes {
		if !slices.Contains(api.BinaryMediaTypes, t) {
			api.BinaryMediaTypes = append(api.BinaryMediaTypes, t)
		}
	}
	if a.overwrite || doc.MinimumCompressionSize != nil {
		api.MinimumCompressionSize = doc.MinimumCompressionSize
	}
	if size := api.MinimumCompressionSize; size != nil && !validCompression(*size) {
		return errCompression
	}
	switch {
	case doc.APIKeySource != "" && !slices.Contains(patch.Values(&wire.CreateRestApiInput{}, "ApiKeySource"), doc.APIKeySource):
		return errKeySource
	case doc.APIKeySource != "":
		api.APIKeySource = doc.APIKeySource
	case a.overwrite:
		api.APIKeySource = "HEADER"
	}
	for _, s := range []struct {
		member, value string
		of            *string
	}{{"SecurityPolicy", doc.SecurityPolicy, &api.SecurityPolicy}, {"EndpointAccessMode", doc.EndpointAccessMode, &api.EndpointAccessMode}} {
		if s.value == "" {
			continue
		}
		if err := checkValue(&wire.CreateRestApiInput{}, s.member, s.value); err != nil {
			return err
		}
		*s.of = s.value
	}
	if doc.Policy == "" && !a.overwrite {
		return nil
	}
	policy, err := a.tx.normalPolicy(api.ID, doc.Policy)
	api.Policy = policy
	return err
}

func (a *applier) models() {
	prefix := a.api.ID + "/"
	ids := map[string]string{}
	for _, m := range models.List(a.tx.Tx, a.tx.scope, prefix) {
		ids[m.Name] = m.ID
	}
	if a.overwrite {
		models.DeletePrefix(a.tx.Tx, a.tx.scope, prefix)
	}
	for i := range a.doc.Models {
		in := &a.doc.Models[i]
		if err := cmp.Or(checkModelName(in.Name), checkSchema(in.Schema, in.ContentType)); err != nil {
			a.failed(openapi.ModelFailed, in.Name, awsapi.MessageOf(err))
			continue
		}
		m := &Model{ID: ids[in.Name], Name: in.Name, Description: in.Description, Schema: in.Schema, ContentType: in.ContentType, Imported: true}
		if m.ID == "" {
			m.ID = a.tx.s.NewID(6)
		}
		models.Put(a.tx.Tx, a.tx.scope, prefix+m.Name, m)
	}
}

// namedParts stores validators and authorizers, which documents know by name.
func (a *applier) namedParts() {
	tx, prefix := a.tx, a.api.ID+"/"
	a.validators, a.authorizers = map[string]string{}, map[string]string{}
	for _, v := range requestValidators.List(tx.Tx, tx.scope, prefix) {
		a.validators[v.Name] = v.ID
	}
	for _, r := range authorizers.List(tx.Tx, tx.scope, prefix) {
		a.authorizers[r.Name] = r.ID
	}
	if a.overwrite {
		requestValidators.DeletePrefix(tx.Tx, tx.scope, prefix)
		authorizers.DeletePrefix(tx.Tx, tx.scope, prefix)
	}
	for _, in := range a.doc.RequestValidators {
		v := &RequestValidator{ID: a.idOf(a.validators, in.Name), Name: in.Name, ValidateRequestBody: in.ValidateRequestBody, ValidateRequestParameters: in.ValidateRequestParameters}
		requestValidators.Put(tx.Tx, tx.scope, prefix+v.ID, v)
	}
	for i := range a.doc.Authorizers {
		r := importedAuthorizer(&a.doc.Authorizers[i])
		if err := r.check(); err != nil {
			a.failed(openapi.AuthorizerFailed, r.Name, awsapi.MessageOf(err))
			continue
		}
		r.ID = a.idOf(a.authorizers, r.Name)
		authorizers.Put(tx.Tx, tx.scope, prefix+r.ID, r)
	}
}

func (a *applier) idOf(ids map[string]string, name string) string {
	if ids[name] == "" {
		ids[name] = a.tx.s.NewID(6)
	}
	return ids[name]
}

func importedAuthorizer(in *openapi.Authorizer) *Authorizer {
	return &Authorizer{
		Name: in.Name, Type: in.Type, ProviderARNs: in.ProviderARNs, AuthType: in.AuthType, URI: in.URI, Credentials: in.Credentials,
		IdentitySource: in.IdentitySource, ValidationExpression: in.IdentityValidationExpression, TTLSeconds: in.TTLSeconds,
	}
}

func (a *applier) gatewayResponses() {
	prefix := a.api.ID + "/"
	if a.overwrite {
		gatewayResponses.DeletePrefix(a.tx.Tx, a.tx.scope, prefix)
	}
	for _, g := range a.doc.GatewayResponses {
		if !slices.ContainsFunc(gatewayResponseTypes, func(t gatewayResponseType) bool { return t.name == g.Type }) {
			a.failed(openapi.GatewayResponseFailed, g.Type, "Invalid gateway response type specified")
			continue
		}
		if g.StatusCode != "" && !validStatusCode().MatchString(g.StatusCode) {
			a.failed(openapi.GatewayResponseFailed, g.Type, "Invalid status code specified: "+g.StatusCode)
			continue
		}
		if err := checkGatewayParameters(g.ResponseParameters); err != nil {
			a.failed(openapi.GatewayResponseFailed, g.Type, awsapi.MessageOf(err))
			continue
		}
		gatewayResponses.Put(a.tx.Tx, a.tx.scope, prefix+g.Type, &GatewayResponse{
			Type: g.Type, StatusCode: g.StatusCode, ResponseParameters: g.ResponseParameters, ResponseTemplates: g.ResponseTemplates,
		})
	}
}

func (a *applier) resources() {
	tx, apiID := a.tx, a.api.ID
	byPath := map[string]*Resource{}
	mentioned := map[string]bool{"/": true}
	for _, r := range tx.resourcesOf(apiID) {
		byPath[r.Path] = r
	}
	for _, in := range a.doc.Resources {
		mentioned[in.Path] = true
	}
	if a.overwrite {
		for path, r := range byPath {
			if !mentioned[path] {
				resources.Delete(tx.Tx, tx.scope, apiID+"/"+r.ID)
				delete(byPath, path)
			} else if len(r.Methods) > 0 {
				byPath[path], _ = resources.Edit(tx.Tx, tx.scope, apiID+"/"+r.ID)
				byPath[path].Methods = nil
			}
		}
	}
	for _, in := range a.doc.Resources {
		r := byPath[in.Path]
		if r == nil {
			if r = a.newResource(in.Path, byPath); r == nil {
				continue
			}
			byPath[in.Path] = r
		} else if len(in.Methods) > 0 {
			r, _ = resources.Edit(tx.Tx, tx.scope, apiID+"/"+r.ID)
		}
		for _, m := range in.Methods {
			a.method(r, m)
		}
	}
}

// newResource makes a resource; its parents stand before it in the document.
func (a *applier) newResource(path string, byPath map[string]*Resource) *Resource {
	at := strings.LastIndexByte(path, '/')
	parent := byPath[path[:at]]
	if at == 0 {
		parent = byPath["/"]
	}
	if parent == nil {
		return nil // its parent failed and says so
	}
	r := &Resource{ID: a.tx.s.NewID(6), ParentID: parent.ID, PathPart: path[at+1:], Path: path}
	all := make([]*Resource, 0, len(byPath))
	for _, o := range byPath {
		all = append(all, o)
	}
	if err := checkPlace(all, r, parent); err != nil {
		a.failed(openapi.ResourceFailed, path, awsapi.MessageOf(err))
		return nil
	}
	a.tx.putResource(a.api.ID, r)
	return r
}
