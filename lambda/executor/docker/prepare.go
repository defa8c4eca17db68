package docker

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/code"
)

// Where AWS puts code and layers.
const (
	taskRoot   = "/var/task"
	runtimeDir = "/var/runtime"
	optDir     = "/opt"
)

// prepared is a function version whose image is at hand and whose code is in volumes.
type prepared struct {
	executor   *Executor
	spec       *executor.Spec
	image      string
	platform   *ocispec.Platform // nil is the engine's own
	entrypoint []string          // nil keeps the image's
	command    []string
	mounts     []mount.Mount
	bareImage  bool                   // it has no /tmp
	invalid    *executor.RuntimeError // why it cannot be started

	mu      sync.Mutex
	users   int // running environments, and one until Close
	closed  bool
	volumes []string
}

// Prepare implements executor.Executor.
func (e *Executor) Prepare(ctx context.Context, spec *executor.Spec) (executor.Prepared, error) {
	image, err := e.image(spec)
	if err != nil {
		return nil, err
	}
	own, err := e.arch(ctx)
	if err != nil {
		return nil, err
	}
	platform := e.platform(spec, own)
	if err := e.ensureImage(ctx, image, platform); err != nil {
		return nil, err
	}
	p := &prepared{executor: e, spec: spec, image: image, users: 1}
	if platform.Architecture != own {
		p.platform = &platform
	}
	if err := p.prepare(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *prepared) prepare(ctx context.Context) error {
	p.chooseEntrypoint()
	for _, layer := range p.spec.Layers {
		if layer.HasPrefix("extensions") {
			p.executor.log.WarnContext(ctx, "external extensions in /opt/extensions are not started by the docker executor", "function", p.spec.FunctionARN)
			break
		}
	}
	// The held container starts meanwhile, ahead of the first invocation.
	var starting sync.WaitGroup
	starting.Go(func() { p.executor.networkMode(ctx, p.image, p.platform) })
	defer starting.Wait()
	return p.mountCode(ctx)
}

// chooseEntrypoint: AWS looks for a custom runtime's bootstrap in the code, then in the layers; managed runtimes keep the image's
// entry point, which takes the handler as its argument.
func (p *prepared) chooseEntrypoint() {
	switch {
	case p.spec.Image != nil:
		p.entrypoint, p.command = p.spec.Image.EntryPoint, p.spec.Image.Command
	case !p.spec.Provided():
		p.command = []string{p.spec.Handler}
	case !p.codeHas("bootstrap") && p.layersHave("bootstrap"):
		p.entrypoint = []string{path.Join(optDir, "bootstrap")}
	default:
		p.entrypoint = []string{path.Join(taskRoot, "bootstrap")}
	}
}

func (p *prepared) codeHas(name string) bool {
	if p.spec.CodeDir != "" {
		_, err := os.Stat(filepath.Join(p.spec.CodeDir, name))
		return err == nil
	}
	return p.spec.Code != nil && p.spec.Code.Has(name)
}

func (p *prepared) layersHave(name string) bool {
	for _, layer := range p.spec.Layers {
		if layer.Has(name) {
			return true
		}
	}
	return false
}

// mountCode fills volumes through a container that is made for this and never started.
func (p *prepared) mountCode(ctx context.Context) error {
	if p.spec.CodeDir != "" {
		dir, err := p.executor.reach.hostPath(p.spec.CodeDir)
		if err != nil {
			return err
		}
		p.mounts = append(p.mounts, mount.Mount{Type: mount.TypeBind, Source: dir, Target: taskRoot, ReadOnly: true})
	}
	var uploads []upload
	if p.spec.Code != nil && p.spec.CodeDir == "" {
		uploads = append(uploads, upload{taskRoot, []*code.Archive{p.spec.Code}})
	}
	if len(p.spec.Layers) > 0 {
		uploads = append(uploads, upload{optDir, p.spec.Layers})
	}
	var writable []mount.Mount
	for _, u := range uploads {
		name, err := p.addVolume(ctx)
		if err != nil {
			return err
		}
		m := mount.Mount{Type: mount.TypeVolume, Source: name, Target: u.target, VolumeOptions: &mount.VolumeOptions{NoCopy: true}}
		writable = append(writable, m)
		m.ReadOnly = true
		p.mounts = append(p.mounts, m)
	}
	helper, err := p.executor.engine.ContainerCreate(ctx,
		&container.Config{Image: p.image, Entrypoint: []string{"/never-started"}, Labels: p.executor.labels()},
		&container.HostConfig{NetworkMode: "none", Mounts: writable}, nil, p.platform, "")
	if err != nil {
		return p.executor.engineError("create a container from image "+p.image, err)
	}
	defer p.executor.discard(helper.ID)
	if len(uploads) > 0 {
		if err := p.upload(ctx, helper.ID, uploads); err != nil {
			return err
		}
	}
	if _, err := p.executor.engine.ContainerStatPath(ctx, helper.ID, "/tmp"); errdefs.IsNotFound(err) {
		p.bareImage = true
	}
	return p.checkEntrypoint(ctx, helper.ID)
}

// checkEntrypoint looks for the program that is to be run, where its path is absolute and it does not come from a directory that may
// still change.
func (p *prepared) checkEntrypoint(ctx context.Context, id string) error {
	entrypoint := p.entrypoint
	if len(entrypoint) == 0 {
		image, err := p.executor.engine.ImageInspect(ctx, p.image)
		if err != nil {
			return p.executor.engineError("inspect image "+p.image, err)
		}
		entrypoint = image.Config.Entrypoint
	}
	if len(entrypoint) == 0 || !path.IsAbs(entrypoint[0]) || p.spec.CodeDir != "" {
		return nil
	}
	program := entrypoint[0]
	found, err := p.executor.engine.ContainerStatPath(ctx, id, program)
	// The engine does not follow links out of volumes; what a link leads to is left to the start.
	isLink := found.Mode&os.ModeSymlink != 0
	switch {
	case err != nil && !errdefs.IsNotFound(err):
		return p.executor.engineError("look for "+program, err)
	case err == nil && (isLink || found.Mode.IsRegular() && found.Mode&0o111 != 0):
		return nil
	case p.spec.Image == nil && p.spec.Provided():
		p.invalid = &executor.RuntimeError{
			Type:    "Runtime.InvalidEntrypoint",
			Message: fmt.Sprintf("Couldn't find valid bootstrap(s): [%s/bootstrap %s/bootstrap]", taskRoot, optDir),
		}
	case err != nil:
		// unverified against AWS: this text and the next, which are what an operating system says.
		p.invalid = &executor.RuntimeError{Type: "Runtime.InvalidEntrypoint", Message: "fork/exec " + program + ": no such file or directory"}
	default:
		p.invalid = &executor.RuntimeError{Type: "Runtime.InvalidEntrypoint", Message: "fork/exec " + program + ": permission denied"}
	}
	return nil
}

// upload is what goes into one volume; later archives win.
type upload struct {
	target   string
	archives []*code.Archive
}

func (p *prepared) addVolume(ctx context.Context) (string, error) {
	e := p.executor
	e.mu.Lock()
	e.volumes++
	name := fmt.Sprintf("postern-%s-%d", e.instance, e.volumes)
	e.mu.Unlock()
	if _, err := e.engine.VolumeCreate(ctx, volume.CreateOptions{
		Name: name, Labels: e.labels(labelFunction, p.spec.FunctionARN+":"+p.spec.Version),
	}); err != nil {
		return "", e.engineError("create a volume for the code", err)
	}
	p.volumes = append(p.volumes, name)
	return name, nil
}

func (p *prepared) upload(ctx context.Context, id string, uploads []upload) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeUploads(w, uploads, p.executor.config.Now())) }()
	defer r.Close()
	if err := p.executor.engine.CopyToContainer(ctx, id, "/", r, container.CopyToContainerOptions{}); err != nil {
		return p.executor.engineError("upload the code of "+p.spec.FunctionARN, err)
	}
	return nil
}

func writeUploads(w io.Writer, uploads []upload, now time.Time) error {
	archive := tar.NewWriter(w)
	for _, u := range uploads {
		if err := archive.WriteHeader(directory(u.target, 0o755, now)); err != nil {
			return err
		}
		for _, a := range u.archives {
			if err := a.WriteTar(archive, u.target[1:], now); err != nil {
				return err
			}
		}
	}
	return archive.Close()
}

func directory(name string, mode int64, now time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeDir, Name: name[1:] + "/", Mode: mode, ModTime: now}
}

// use counts a new environment in.
func (p *prepared) use() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fmt.Errorf("%s is retired", p.spec.FunctionARN)
	}
	p.users++
	return nil
}

// release counts an environment out; the last one takes the volumes with it.
func (p *prepared) release(ctx context.Context) error {
	p.mu.Lock()
	p.users--
	last := p.users == 0
	p.mu.Unlock()
	if !last {
		return nil
	}
	var failure error
	for _, name := range p.volumes {
		if err := p.executor.removeVolume(ctx, name); err != nil && failure == nil {
			failure = err
		}
	}
	return failure
}

// Close implements executor.Prepared.
func (p *prepared) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()
	if p.executor.isClosed() {
		return nil // everything was removed with it
	}
	return p.release(p.executor.background)
}
