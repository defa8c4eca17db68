package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// progressEvery is how often a running pull is reported.
const progressEvery = 5 * time.Second

// ensureImage pulls the image unless the engine has it. Callers that want the same image wait for one pull, which goes on when
// one of them gives up.
func (e *Executor) ensureImage(ctx context.Context, name string, platform ocispec.Platform) error {
	local, err := e.engine.ImageInspect(ctx, name)
	switch {
	case err == nil && (local.Architecture == platform.Architecture || local.Architecture == ""):
		return nil
	case err != nil && !errdefs.IsNotFound(err):
		return e.engineError("inspect image "+name, err)
	}
	result := e.pulls.DoChan(name+" "+platform.Architecture, func() (any, error) {
		return nil, e.pull(e.background, name, platform)
	})
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return fmt.Errorf("pull image %s: %w", name, context.Cause(ctx))
	}
}

func (e *Executor) pull(ctx context.Context, name string, platform ocispec.Platform) error {
	e.log.InfoContext(ctx, "pulling image", "image", name)
	started := e.config.Now()
	stream, err := e.engine.ImagePull(ctx, name, image.PullOptions{Platform: platform.OS + "/" + platform.Architecture})
	if err == nil {
		err = e.follow(ctx, name, stream)
		stream.Close()
	}
	if err == nil {
		e.log.InfoContext(ctx, "pulled image", "image", name, "duration", e.config.Now().Sub(started).Round(time.Second))
		return nil
	}
	return fmt.Errorf("cannot pull image %s: %w; pull or build it yourself (docker pull %s), or set another image for the runtime", name, err, name)
}

// follow reads a pull's messages to their end. A failure is one of them: the status was sent long before.
func (e *Executor) follow(ctx context.Context, name string, stream io.Reader) error {
	done, total := map[string]int64{}, map[string]int64{}
	reported := e.config.Now()
	for messages := json.NewDecoder(stream); ; {
		var message struct {
			ID, Status     string
			ProgressDetail struct{ Current, Total int64 }
			Error          string
		}
		if err := messages.Decode(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if message.Error != "" {
			return errors.New(message.Error)
		}
		if message.Status != "Downloading" {
			continue
		}
		done[message.ID], total[message.ID] = message.ProgressDetail.Current, message.ProgressDetail.Total
		if now := e.config.Now(); now.Sub(reported) >= progressEvery {
			reported = now
			e.log.InfoContext(ctx, "pulling image", "image", name, "megabytes", sum(done)>>20, "of", sum(total)>>20)
		}
	}
}

func sum(sizes map[string]int64) int64 {
	var n int64
	for _, size := range sizes {
		n += size
	}
	return n
}
