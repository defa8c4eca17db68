package docker

import (
	"net/http"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// quietLimit is how long a runtime may take until its silence is explained: Lambda's limit for init.
const quietLimit = 10 * time.Second

// signals names those that end processes by accident, by the exit status that the engine reports for them. The others' numbers
// are also statuses that runtime clients choose (Node's exits with 128 and 129 after uncaught errors).
var signals = map[int]string{
	128 + 4:  "illegal instruction",
	128 + 5:  "trace/breakpoint trap",
	128 + 6:  "aborted",
	128 + 7:  "bus error",
	128 + 8:  "floating point exception",
	128 + 9:  "killed",
	128 + 11: "segmentation fault",
	128 + 15: "terminated",
}

func exitOf(status int) executor.Exit {
	if name, ok := signals[status]; ok {
		return executor.Exit{Signal: name}
	}
	return executor.Exit{Code: status}
}

// api is the environment's Runtime API, which also notes that the runtime was heard of.
func (env *environment) api() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if env.polled.CompareAndSwap(false, true) {
			go env.memory.sample(env)
		}
		env.start.API.ServeHTTP(w, r)
	})
}

// warnQuiet says where to look when a container runs and its runtime is not heard of.
func (env *environment) warnQuiet() {
	if env.polled.Load() {
		return
	}
	env.executor.log.Warn("the function's runtime has not called Postern for 10 s: its code may still be starting, or a firewall "+
		"on this machine drops traffic from containers (ufw, firewalld), or the callback host is wrong",
		"function", env.prepared.spec.FunctionARN, "runtime_api", env.address)
}

// explainExit says so when a container ended at once for want of an emulator of its architecture.
func (env *environment) explainExit() {
	p := env.prepared
	if env.polled.Load() || p.platform == nil || env.exit == (executor.Exit{}) {
		return
	}
	env.executor.log.Warn("the function ended before it called Postern, and it is not for this engine's architecture: "+
		"install emulation (binfmt), or ignore the architecture", "function", p.spec.FunctionARN,
		"architecture", p.platform.Architecture)
}
