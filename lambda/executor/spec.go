package executor

import (
	"time"

	"github.com/postern/postern/lambda/executor/code"
)

// Spec describes one function version completely. It is immutable: a change of code or configuration makes a new
// Spec, and with it a new Function in the pool.
type Spec struct {
	Account, Region string
	FunctionName    string
	FunctionARN     string // unqualified
	Version         string // $LATEST or a number

	Runtime      string // nodejs20.x, python3.12, provided.al2023, …; empty for an image function
	Handler      string
	Architecture string // x86_64 or arm64

	RuntimeVersionARN string // for the INIT_START line
	MemoryMB          int
	EphemeralMB       int // size of /tmp
	Timeout           time.Duration

	Code    *code.Archive   // nil for an image function or when CodeDir is set
	CodeDir string          // directory to run in place of Code (hot reload)
	Layers  []*code.Archive // in the function's order: later ones win
	Image   *Image          // PackageType Image only

	Variables   map[string]string // the function's own environment variables
	Credentials Credentials       // of the execution role

	Logging Logging
}

// Image is what an image function runs. Empty lists keep what the image says.
type Image struct {
	URI              string
	EntryPoint       []string
	Command          []string
	WorkingDirectory string
}

// Credentials are what the function's SDK calls are signed with.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// Logging is a function's LoggingConfig with its defaults filled in.
type Logging struct {
	Group            string // /aws/lambda/FN unless configured
	Format           string // Text or JSON
	ApplicationLevel string // JSON only: TRACE, DEBUG, INFO, WARN, ERROR, FATAL
	SystemLevel      string // JSON only: DEBUG, INFO, WARN
}

// Log formats.
const (
	LogText = "Text"
	LogJSON = "JSON"
)
