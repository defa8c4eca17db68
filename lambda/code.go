package lambda

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"weak"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda/executor/code"
)

// Limits of uploaded code.
const (
	MaxZip      = 50 << 20
	MaxUnzipped = code.MaxUnzipped
)

// HotReloadBucket names no bucket: code "in" it is the directory that the key names, run as it stands. Not AWS's; a
// convention that many stacks know.
const HotReloadBucket = "hot-reload"

// Source is where code comes from: exactly one of Zip, Bucket with Key, and Image.
type Source struct {
	Zip                        []byte
	Bucket, Key, ObjectVersion string
	Image                      string
}

// Object names an object in S3.
type Object struct {
	Scope                store.Scope
	Bucket, Key, Version string
}

// ErrObjectTooLarge tells that an object in S3 is larger than code may be when it is unzipped.
var ErrObjectTooLarge = errors.New("object in S3 is too large for code")

// ObjectError is S3's answer to a failed read.
type ObjectError struct{ Code, Message string }

func (e *ObjectError) Error() string { return e.Code + ": " + e.Message }

// bundle is code that has been checked but is not stored yet.
type bundle struct {
	code    Code
	zip     []byte // nil for an image or a directory
	archive *code.Archive
}

// load gets the code of a function of a package type and checks it.
func (s *Service) load(ctx context.Context, scope store.Scope, src Source, packageType string) (*bundle, error) {
	switch {
	case packageType == "Image" && src.Image != "":
		return &bundle{code: Code{Image: src.Image, SHA256: imageDigest(src.Image)}}, nil
	case packageType == "Image":
		return nil, invalid("Please provide ImageUri when updating a function with packageType Image.")
	case src.Image != "":
		return nil, invalid("Please don't provide ImageUri when updating a function with packageType Zip.")
	case src.Bucket == HotReloadBucket:
		return hotReload(src.Key)
	}
	zip, err := s.fetch(ctx, scope, src)
	if err != nil {
		return nil, err
	}
	return s.check(zip)
}

func errNoSource() error { return invalid("Please provide a source for function code.") }

// fetch gives the bytes of a zip, uploaded or in S3.
func (s *Service) fetch(ctx context.Context, scope store.Scope, src Source) ([]byte, error) {
	switch {
	case src.Zip != nil && src.Bucket != "":
		return nil, invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
	case len(src.Zip) > MaxZip:
		return nil, tooLarge("Zipped size must be smaller than %d bytes", MaxZip)
	case src.Zip != nil:
		return src.Zip, nil
	case src.Bucket == "" && src.Key == "":
		return nil, errNoSource()
	case src.Bucket == "" || src.Key == "":
		return nil, invalid("S3 Bucket and Key are required for uploading with S3 parameters.")
	}
	failed := &ObjectError{"NoSuchBucket", "The specified bucket does not exist"}
	if s.config.FetchObject != nil {
		zip, err := s.config.FetchObject(ctx, Object{scope, src.Bucket, src.Key, src.ObjectVersion})
		if err == nil {
			return zip, nil
		}
		if errors.Is(err, ErrObjectTooLarge) {
			return nil, invalid("%s", code.ErrTooLarge)
		}
		if !errors.As(err, &failed) {
			return nil, fmt.Errorf("read code from s3://%s/%s: %w", src.Bucket, src.Key, err)
		}
	}
	return nil, invalid("Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", failed.Code, failed.Message)
}

func (s *Service) check(zip []byte) (*bundle, error) {
	a, err := code.Open(bytes.NewReader(zip), int64(len(zip)))
	switch {
	case errors.Is(err, code.ErrTooLarge):
		return nil, invalid("%s", code.ErrTooLarge)
	case err != nil:
		s.log.Info("refused a zip", "err", err)
		return nil, invalid("%s", code.ErrNotZip)
	}
	sum := sha256.Sum256(zip)
	return &bundle{zip: zip, archive: a, code: Code{
		Blob: hex.EncodeToString(sum[:]), SHA256: base64.StdEncoding.EncodeToString(sum[:]), Size: int64(len(zip)), Unzipped: a.Size(),
	}}, nil
}

func hotReload(dir string) (*bundle, error) {
	if !path.IsAbs(dir) && !strings.Contains(dir, `:\`) {
		return nil, invalid("The key of the %s bucket must be an absolute path.", HotReloadBucket)
	}
	sum := sha256.Sum256(nil)
	return &bundle{code: Code{Dir: dir, SHA256: base64.StdEncoding.EncodeToString(sum[:])}}, nil
}

// imageDigest stands for the digest of an image, which is known only when it has been pulled, unless its name has it.
func imageDigest(uri string) string {
	if _, digest, ok := strings.Cut(uri, "@sha256:"); ok {
		return digest
	}
	sum := sha256.Sum256([]byte(uri))
	return hex.EncodeToString(sum[:])
}

// updateWith runs a transaction that puts a record naming b's blob.
func (s *Service) updateWith(ctx context.Context, b *bundle, fn func(*store.Tx) error) error {
	if b.zip == nil {
		return s.db.Update(ctx, fn)
	}
	s.codeUse.RLock()
	_, err := s.db.Blobs().Put(b.zip)
	if err == nil {
		s.archives.put(b.code.Blob, b.archive)
		err = s.db.Update(ctx, fn)
	}
	s.codeUse.RUnlock()
	if err != nil {
		s.collect(b.code.Blob)
	}
	return err
}

// collect removes those of the blobs that no record names any more.
func (s *Service) collect(blobs ...string) {
	s.codeUse.Lock()
	defer s.codeUse.Unlock()
	named := s.named()
	for _, key := range blobs {
		if named[key] {
			continue
		}
		if err := s.db.Blobs().Delete(key); err != nil {
			s.log.Error("remove code that nothing names", "blob", key, "err", err)
		}
	}
}

// sweep removes every blob that no record names: after a crash between storing one and naming it, and after a reset.
func (s *Service) sweep() error {
	s.codeUse.Lock()
	defer s.codeUse.Unlock()
	named := s.named()
	if err := s.db.Blobs().Sweep(func(key string) bool { return named[key] }); err != nil {
		return fmt.Errorf("remove code that nothing names: %w", err)
	}
	return nil
}

// named is the set of blobs that records name. Functions without a zip name "".
func (s *Service) named() map[string]bool {
	named := map[string]bool{"": true}
	_ = s.db.View(func(tx *store.Tx) error {
		name := func(v *Version) {
			for _, key := range v.blobs() {
				named[key] = true
			}
		}
		for _, e := range functions.All(tx) {
			name(&e.Rec.Latest)
		}
		for _, e := range versions.All(tx) {
			name(e.Rec)
		}
		for _, e := range layerVersions.All(tx) {
			named[e.Rec.Code.Blob] = true
		}
		return nil
	})
	return named
}

// blobs lists what a version's code and layers are stored under.
func (v *Version) blobs() []string {
	keys := []string{v.Code.Blob}
	for _, l := range v.Config.Layers {
		keys = append(keys, l.Blob)
	}
	return keys
}

// archive opens a stored zip.
func (s *Service) archive(key string) (*code.Archive, error) {
	if a := s.archives.get(key); a != nil {
		return a, nil
	}
	zip, err := s.db.Blobs().Get(key)
	if err != nil {
		return nil, err
	}
	a, err := code.Open(bytes.NewReader(zip), int64(len(zip)))
	if err != nil {
		return nil, err
	}
	s.archives.put(key, a)
	return a, nil
}

// CodeZip gives the stored zip of a function or layer, which CodeLocation of package api points at.
func (s *Service) CodeZip(key string) ([]byte, error) { return s.db.Blobs().Get(key) }

// archiveCache remembers open archives for as long as somebody uses them, so that code is not inflated again for
// each version that runs it.
type archiveCache struct{ m sync.Map } // string → weak.Pointer[code.Archive]

func (c *archiveCache) get(key string) *code.Archive {
	if p, ok := c.m.Load(key); ok {
		if a := p.(weak.Pointer[code.Archive]).Value(); a != nil {
			return a
		}
		c.m.CompareAndDelete(key, p)
	}
	return nil
}

func (c *archiveCache) put(key string, a *code.Archive) { c.m.Store(key, weak.Make(a)) }
