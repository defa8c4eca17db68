package lambda

import (
	"time"

	"github.com/postern/postern/controlplane/store"
)

// The tables. Keys are the function's name, for parts of a function followed by ":" and the qualifier, which no
// name can hold.
var (
	functions     = store.NewTable[Function]("lambda.function")
	versions      = store.NewTable[Version]("lambda.version") // published ones
	aliases       = store.NewTable[Alias]("lambda.alias")
	policies      = store.NewTable[Policy]("lambda.policy") // the unqualified function's: qualifier ""
	invokeConfigs = store.NewTable[InvokeConfig]("lambda.event-invoke-config")
	layerNames    = store.NewTable[Layer]("lambda.layer")
	layerVersions = store.NewTable[LayerVersion]("lambda.layer-version")
)

func partKey(name, qualifier string) string { return name + ":" + qualifier }

// Function is what holds for all versions of a function, and $LATEST.
type Function struct {
	Name      string
	Latest    Version
	Published int // last version number given out; never reused
	Tags      map[string]string
	Reserved  *int // ReservedConcurrentExecutions
	Loops     bool // RecursiveLoop is Allow and not Terminate
}

// Version is $LATEST or a published version: immutable once published, its state aside.
type Version struct {
	Number   string // Latest or a number
	Config   Configuration
	Code     Code
	Revision string
	Modified time.Time

	State  Status // Pending, Active, Failed
	Update Status // of $LATEST: InProgress, Successful, Failed; empty in the answer to the creation

	// Inherited is, in a published version, the description that $LATEST had.
	Inherited string

	// Deployment identifies the preparation that will end a Pending or InProgress; a later one has another.
	Deployment string
}

// Status is a state with what AWS says about it.
type Status struct{ Value, Reason, ReasonCode string }

// The states.
const (
	Pending    = "Pending"
	Active     = "Active"
	Failed     = "Failed"
	InProgress = "InProgress"
	Successful = "Successful"
)

// settling reports whether a preparation is still under way.
func (v *Version) settling() bool { return v.State.Value == Pending || v.Update.Value == InProgress }

// Configuration is a version's configuration with its defaults filled in.
type Configuration struct {
	Role         string
	Runtime      string
	Handler      string
	Description  string
	Timeout      int // seconds
	MemorySize   int // MB
	PackageType  string
	Architecture string
	Ephemeral    int               // MB
	Environment  map[string]string // nil: never given, or taken away
	Tracing      string
	SnapStart    string // ApplyOn
	Logging      Logging
	DeadLetter   string
	Layers       []LayerRef
	Image        *ImageConfig
	VPC          *VPC
	KMSKeyARN    string
	FileSystems  []FileSystem
}

// Logging is a LoggingConfig; the levels are empty in Text format.
type Logging struct{ Format, ApplicationLevel, SystemLevel, Group string }

// LayerRef is a layer version that a function uses. It holds all that is needed when the version is deleted: AWS
// lets functions go on with it.
type LayerRef struct {
	ARN      string
	Size     int64
	Blob     string
	Unzipped int64
}

// ImageConfig overrides what an image says; nil lists were not given.
type ImageConfig struct {
	EntryPoint, Command []string
	WorkingDirectory    string
}

// VPC is a VpcConfig. Functions run in no VPC here.
type VPC struct {
	Subnets, SecurityGroups []string
	ID                      string
	DualStack               bool
}

// FileSystem is an EFS mount. Nothing is mounted here.
type FileSystem struct{ ARN, Path string }

// Code is what a version runs: a stored zip, an image, or a directory on the machine (hot reload).
type Code struct {
	Blob     string // key of the zip
	SHA256   string // CodeSha256 as answered
	Size     int64
	Unzipped int64
	Image    string
	Dir      string
}

// Alias points to a version, and with Weights to a second one for a part of the invocations.
type Alias struct {
	Name        string
	Version     string
	Description string
	Weights     map[string]float64
	Revision    string
}

// InvokeConfig is how asynchronous invocations of a function, version or alias are retried and where their outcome goes.
type InvokeConfig struct {
	Qualifier   string
	Modified    time.Time
	MaxRetries  *int
	MaxAge      *int // seconds
	Destination *Destinations
}

// Destinations are ARNs; empty is none.
type Destinations struct{ OnSuccess, OnFailure string }

// Layer counts a layer's versions.
type Layer struct {
	Name string
	Last int64 // last version number given out
}

// LayerVersion is one published version of a layer.
type LayerVersion struct {
	Layer         string
	Number        int64
	Description   string
	License       string
	Created       time.Time
	Code          Code
	Runtimes      []string // nil: not given
	Architectures []string
	Policy        *Policy
}
