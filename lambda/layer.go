package lambda

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

const layerVersionPattern = `(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)` +
	`|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)`

var layerVersionARN = lazyregexp.New(`^arn:[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9_-]+):(\d{1,18})$`)

type layerRef struct {
	scope  store.Scope
	name   string
	number int64
}

func parseLayerVersionARN(arn string) (layerRef, bool) {
	m := layerVersionARN().FindStringSubmatch(arn)
	if m == nil {
		return layerRef{}, false
	}
	n, err := strconv.ParseInt(m[4], 10, 64)
	return layerRef{store.Scope{Account: m[2], Region: m[1]}, m[3], n}, err == nil
}

// ParseLayerVersionARN takes the ARN of a layer's version apart.
func ParseLayerVersionARN(arn string) (scope store.Scope, name string, number int64, err error) {
	l, ok := parseLayerVersionARN(arn)
	if !ok {
		return scope, "", 0, violation("Value '%s' at 'arn' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", arn, layerVersionPattern)
	}
	return l.scope, l.name, l.number, nil
}

// layerKey sorts nothing: the store keeps the order of publishing.
func layerKey(name string, number int64) string { return partKey(name, strconv.FormatInt(number, 10)) }

// LayerVersionARN is the ARN of a layer's version.
func LayerVersionARN(scope store.Scope, name string, number int64) string {
	return fmt.Sprintf("%s:%d", layerARN(scope, name), number)
}

// LayerARN is a layer's ARN.
func LayerARN(scope store.Scope, name string) string { return layerARN(scope, name) }

// PublishLayer makes the next version of a layer. in has no number, code or creation time yet.
func (s *Service) PublishLayer(ctx context.Context, scope store.Scope, src Source, in LayerVersion) (*LayerVersion, error) {
	if src.Zip == nil && src.Bucket == "" {
		// unverified against AWS: the text.
		return nil, invalid("Please provide a source for layer content.")
	}
	b, err := s.load(ctx, scope, src, "Zip")
	if err != nil {
		return nil, err
	}
	if b.zip == nil {
		return nil, invalid("A layer cannot be a directory: the bucket %s is for functions.", HotReloadBucket)
	}
	in.Code, in.Created = b.code, s.config.Now().Truncate(time.Millisecond)
	err = s.updateWith(ctx, b, func(tx *store.Tx) error {
		l, ok := layerNames.Edit(tx, scope, in.Layer)
		if !ok {
			l = &Layer{Name: in.Layer}
			layerNames.Put(tx, scope, in.Layer, l)
		}
		l.Last++
		in.Number = l.Last
		layerVersions.Put(tx, scope, layerKey(in.Layer, in.Number), &in)
		return nil
	})
	return &in, err
}

// LayerVersion gives one version of a layer.
func (s *Service) LayerVersion(caller string, scope store.Scope, name string, number int64) (v *LayerVersion, err error) {
	if number < 1 {
		return nil, invalid("Layer Version Cannot be less than 1")
	}
	err = s.db.View(func(tx *store.Tx) error {
		var ok bool
		v, ok = layerVersions.Get(tx, scope, layerKey(name, number))
		if !ok || caller != scope.Account && !v.Policy.allows(Caller{Account: caller}, "lambda:GetLayerVersion") {
			return errNoResource()
		}
		return nil
	})
	return v, err
}

func errNoResource() error { return notFound("The resource you requested does not exist.") }

func errNoPolicy() error { return notFound("No policy is associated with the given resource.") }

func errNoLayerVersion(scope store.Scope, name string, number int64) error {
	return notFound("Layer version %s does not exist.", LayerVersionARN(scope, name, number))
}

// LayerVersions lists a layer's versions, newest first; with name empty those of all layers, layer by layer.
func (s *Service) LayerVersions(scope store.Scope, name string) (list []*LayerVersion) {
	_ = s.db.View(func(tx *store.Tx) error {
		for _, l := range layerNames.List(tx, scope, name) {
			if name != "" && l.Name != name {
				continue
			}
			of := layerVersions.List(tx, scope, partKey(l.Name, ""))
			slices.Reverse(of)
			list = append(list, of...)
		}
		return nil
	})
	return list
}

// DeleteLayerVersion deletes a version; functions that use it keep it.
func (s *Service) DeleteLayerVersion(ctx context.Context, scope store.Scope, name string, number int64) error {
	if number < 1 {
		return invalid("Layer Version Cannot be less than 1")
	}
	var blob string
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		key := layerKey(name, number)
		if v, ok := layerVersions.Get(tx, scope, key); ok {
			blob = v.Code.Blob
			layerVersions.Delete(tx, scope, key)
		}
		return nil
	})
	if err == nil {
		s.collect(blob)
	}
	return err
}

// AddLayerPermission adds a statement to a layer version's policy and gives its JSON and the policy's revision.
func (s *Service) AddLayerPermission(ctx context.Context, scope store.Scope, name string, number int64, p Permission) (statement, revision string, err error) {
	st, err := p.statement(LayerVersionARN(scope, name, number))
	if err != nil {
		return "", "", err
	}
	revision = s.config.NewID()
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		v, ok := layerVersions.Edit(tx, scope, layerKey(name, number))
		if !ok {
			return errNoLayerVersion(scope, name, number)
		}
		if v.Policy == nil {
			v.Policy = &Policy{}
		}
		return v.Policy.add(st, p.Revision, "GetLayerPolicy", revision)
	})
	return compactJSON(st), revision, err
}

// LayerPolicy gives a layer version's policy.
func (s *Service) LayerPolicy(scope store.Scope, name string, number int64) (p *Policy, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		v, ok := layerVersions.Get(tx, scope, layerKey(name, number))
		switch {
		case !ok:
			return errNoLayerVersion(scope, name, number)
		case v.Policy == nil || len(v.Policy.Statements) == 0:
			return errNoPolicy()
		}
		p = v.Policy
		return nil
	})
	return p, err
}

// RemoveLayerPermission removes a statement.
func (s *Service) RemoveLayerPermission(ctx context.Context, scope store.Scope, name string, number int64, sid, revision string) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		v, ok := layerVersions.Edit(tx, scope, layerKey(name, number))
		switch {
		case !ok:
			return errNoLayerVersion(scope, name, number)
		case v.Policy == nil:
			return errNoPolicy()
		}
		return v.Policy.remove(sid, revision, "GetLayerPolicy", s.config.NewID())
	})
}
