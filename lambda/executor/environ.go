package executor

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Place is where an environment finds things; it is what differs between executors.
type Place struct {
	RuntimeAPI  string // host:port
	TaskRoot    string // /var/task
	RuntimeDir  string // /var/runtime
	OptDir      string // /opt
	EndpointURL string // for AWS_ENDPOINT_URL; empty sets none
}

// Environ is the environment, as name=value sorted by name, of an environment of this version: what AWS documents
// as defined runtime environment variables, then the function's own. PATH, LD_LIBRARY_PATH, LANG, TZ and
// variables that only one language knows are the executor's to give in extra; the function's own still win.
func (s *Spec) Environ(start Start, place Place, extra map[string]string) []string {
	env := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          place.RuntimeAPI,
		"AWS_REGION":                      s.Region,
		"AWS_DEFAULT_REGION":              s.Region,
		"AWS_ACCESS_KEY_ID":               s.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           s.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN":               s.Credentials.SessionToken,
		"AWS_LAMBDA_FUNCTION_NAME":        s.FunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION":     s.Version,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(s.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME":       s.Logging.Group,
		"AWS_LAMBDA_LOG_STREAM_NAME":      start.LogStream,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  start.InitType,
		"LAMBDA_TASK_ROOT":                place.TaskRoot,
		"LAMBDA_RUNTIME_DIR":              place.RuntimeDir,
	}
	// An image brings its own handler in CMD, from which its entry point sets _HANDLER.
	if s.Image == nil {
		env["_HANDLER"] = s.Handler
	}
	// AWS: unset for provided.*.
	if s.Runtime != "" && !s.Provided() {
		env["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + s.Runtime
	}
	if s.Logging.Format == LogJSON {
		env["AWS_LAMBDA_LOG_FORMAT"] = LogJSON
		env["AWS_LAMBDA_LOG_LEVEL"] = s.Logging.ApplicationLevel
	}
	// No X-Ray daemon runs here: the SDK that looks for one is told only not to fail.
	env["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR"
	if host, _, err := net.SplitHostPort(place.RuntimeAPI); err == nil {
		env["AWS_XRAY_DAEMON_ADDRESS"] = net.JoinHostPort(host, "2000")
		env["_AWS_XRAY_DAEMON_ADDRESS"] = host
		env["_AWS_XRAY_DAEMON_PORT"] = "2000"
	}
	if place.EndpointURL != "" {
		env["AWS_ENDPOINT_URL"] = place.EndpointURL
	}
	maps.Copy(env, extra)
	maps.Copy(env, s.Variables)
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// Provided reports whether the function brings its own bootstrap.
func (s *Spec) Provided() bool { return strings.HasPrefix(s.Runtime, "provided") }
