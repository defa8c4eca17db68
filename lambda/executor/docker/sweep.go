package docker

import (
	"context"
	"errors"
	"os"
	goruntime "runtime"
	"strconv"
	"sync"
	"syscall"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/volume"
)

// Labels of everything that the executor creates. What belongs to whom is decided by them alone, never by image or name.
const (
	labelInstance    = "dev.postern.instance"
	labelPID         = "dev.postern.pid"
	labelHost        = "dev.postern.host"
	labelContainer   = "dev.postern.container" // that Postern runs in, where a process id would mean nothing to others
	labelFunction    = "dev.postern.function"
	labelEnvironment = "dev.postern.environment"
)

// labels marks a resource as this executor's; extra are further names and values.
func (e *Executor) labels(extra ...string) map[string]string {
	host, _ := os.Hostname() // empty is as good a name as any
	labels := map[string]string{labelInstance: e.instance, labelPID: strconv.Itoa(os.Getpid()), labelHost: host}
	if e.reach.self != nil {
		labels[labelContainer] = e.reach.self.id
	}
	for i := 0; i+1 < len(extra); i += 2 {
		labels[extra[i]] = extra[i+1]
	}
	return labels
}

// sweep removes what a Postern left that no longer runs. Failing to is no reason not to start.
func (e *Executor) sweep(ctx context.Context) {
	dead := map[string]bool{}
	abandoned := func(labels map[string]string) bool {
		instance := labels[labelInstance]
		if _, known := dead[instance]; !known {
			dead[instance] = e.isDead(ctx, labels)
		}
		return dead[instance]
	}
	n, err := e.remove(ctx, filters.NewArgs(filters.Arg("label", labelInstance)), abandoned)
	if err != nil {
		e.log.WarnContext(ctx, "cannot remove what an earlier Postern left", "err", err)
	}
	if n > 0 {
		e.log.InfoContext(ctx, "removed what an earlier Postern left", "containers", n)
	}
}

// isDead reports that the Postern with these labels has certainly ended. In doubt it lives: it may be on another machine that
// shares the engine.
func (e *Executor) isDead(ctx context.Context, labels map[string]string) bool {
	if id := labels[labelContainer]; id != "" {
		found, err := e.engine.ContainerInspect(ctx, id)
		return errdefs.IsNotFound(err) || err == nil && !found.State.Running
	}
	host, _ := os.Hostname()
	pid, err := strconv.Atoi(labels[labelPID])
	// Inside a container, this machine's processes cannot be seen.
	return err == nil && labels[labelHost] == host && e.reach.self == nil && !isAlive(pid)
}

func isAlive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = process.Release() }() // frees memory only
	if goruntime.GOOS == "windows" {
		return true // there, finding it opens it
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// removeAll removes everything of this executor.
func (e *Executor) removeAll(ctx context.Context) error {
	mine := filters.NewArgs(filters.Arg("label", labelInstance+"="+e.instance))
	_, err := e.remove(ctx, mine, func(map[string]string) bool { return true })
	return err
}

// remove removes the containers and then the volumes that match, and counts the containers.
func (e *Executor) remove(ctx context.Context, match filters.Args, which func(labels map[string]string) bool) (int, error) {
	containers, err := e.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: match})
	if err != nil {
		return 0, e.engineError("list containers", err)
	}
	var (
		removing sync.WaitGroup
		mu       sync.Mutex
		failures []error
		count    int
	)
	for _, c := range containers {
		if !which(c.Labels) {
			continue
		}
		count++
		removing.Go(func() {
			if err := e.removeContainer(ctx, c.ID); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, err)
			}
		})
	}
	removing.Wait()
	volumes, err := e.engine.VolumeList(ctx, volume.ListOptions{Filters: match})
	if err != nil {
		return count, errors.Join(append(failures, e.engineError("list volumes", err))...)
	}
	for _, v := range volumes.Volumes {
		if which(v.Labels) {
			failures = append(failures, e.removeVolume(ctx, v.Name))
		}
	}
	return count, errors.Join(failures...)
}

// removeContainer kills and removes a container and the anonymous volumes that its image asked for. One that is gone, or that
// another call is removing, is fine.
func (e *Executor) removeContainer(ctx context.Context, id string) error {
	err := e.engine.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || errdefs.IsNotFound(err) {
		return nil
	}
	if !errdefs.IsConflict(err) {
		return e.engineError("remove container "+id, err)
	}
	gone, failed := e.engine.ContainerWait(ctx, id, container.WaitConditionRemoved)
	select {
	case <-gone:
		return nil
	case err := <-failed:
		if err == nil || errdefs.IsNotFound(err) {
			return nil
		}
		return e.engineError("remove container "+id, err)
	}
}

func (e *Executor) removeVolume(ctx context.Context, name string) error {
	if err := e.engine.VolumeRemove(ctx, name, true); err != nil && !errdefs.IsNotFound(err) {
		return e.engineError("remove volume "+name, err)
	}
	return nil
}
