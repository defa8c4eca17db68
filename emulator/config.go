package emulator

import (
	"io"
	"log/slog"
	"time"
)

// Config says how an emulator is to run. The zero value works: it listens on
// DefaultListen, keeps its state in memory, chooses the Lambda executor by
// what the machine has, and is silent.
type Config struct {
	// Listen is the one address of everything, "host:port"; port 0 takes a
	// free one. Default: DefaultListen.
	Listen string
	// Hostnames are further DNS names that Postern is reached by, beside
	// localhost: {api}.execute-api.{hostname} is then an API's URL.
	Hostnames []string

	// Account is that of calls whose access key is not an account by itself.
	// Default: DefaultAccount.
	Account string
	// Region is that of unsigned calls. Default: DefaultRegion.
	Region string

	// DataDir keeps every acknowledged change over a restart. It is created
	// if need be. Empty: state is in memory only.
	DataDir string

	// Upstreams are the base URLs where services that Postern does not have
	// are found, by service name (sqs, dynamodb, …); "*" is for all without
	// an entry of their own.
	Upstreams map[string]string

	// VPCLinks are the base URLs where what stands behind a VPC link is reached,
	// by the link's id, by the ARN of the listener, load balancer or Cloud Map
	// service that an integration names, or by the host in its URI. An ARN is looked
	// for before an id, and a host last.
	VPCLinks map[string]string

	// VPCEndpoints are the VPCs of the VPC endpoints through which private APIs are
	// called (vpce-… to vpc-…): what policies that ask for aws:SourceVpc are told.
	VPCEndpoints map[string]string

	// AccountRate and AccountBurst are how many requests a second, and how many at
	// once, the REST and HTTP APIs of one account take together in a region. A
	// rate of 0 holds them to none; AWS's, which are then shown, are
	// DefaultAccountRate and DefaultAccountBurst.
	AccountRate  float64
	AccountBurst int

	// Strict refuses settings that would be stored but not enforced.
	Strict bool
	// VerifySignatures checks the signatures of management calls; otherwise
	// any credentials will do, as will none.
	VerifySignatures bool
	// IAM says what becomes of signed calls to APIs (AWS_IAM) whose access key was
	// not issued here: IAMLenient lets them pass, IAMStrict refuses them as AWS
	// does. The signatures of keys that are known are verified in either case.
	// Default: IAMLenient.
	IAM string

	// Lambda says how functions run.
	Lambda LambdaConfig

	// Log receives Postern's own log. Nil: nobody does.
	Log *slog.Logger
	// RequestLog receives a line for each finished exchange. Nil: nobody does.
	RequestLog io.Writer
	// RequestLogFormat is LogText, LogColor or LogJSON. Default: LogText.
	RequestLogFormat string
	// Traces is how many exchanges /_postern/traces remembers. Default:
	// DefaultTraces; negative: none.
	Traces int

	// Version is what /_postern/health says of the program.
	Version string
	// Now is the clock that everything with a date or an expiry asks.
	// Default: time.Now.
	Now func() time.Time
}

// LambdaConfig says how functions run. The zero value works.
type LambdaConfig struct {
	// Executor is ExecutorAuto, ExecutorDocker or ExecutorProcess. Default:
	// ExecutorAuto, which is docker where an engine answers, else process.
	Executor string
	// EndpointURL is what functions get as AWS_ENDPOINT_URL. Default: this
	// emulator, as seen from inside the function's environment; "none": unset.
	EndpointURL string
	// CallbackHost is the name or address by which containers reach Postern,
	// for engines on another machine. Default: found out.
	CallbackHost string
	// Images replaces AWS's base image of a runtime ("python3.12"); "*" is the
	// template for all without an entry, in which {runtime} is replaced.
	Images map[string]string
	// Network is the Docker network that function containers join. Default:
	// chosen so that they reach Postern.
	Network string
	// Idle is how long an environment waits for its next event. Default:
	// DefaultLambdaIdle; negative: environments serve one event each.
	Idle time.Duration
	// MaxEnvironments bounds the environments of all functions together.
	// Default: DefaultMaxEnvironments.
	MaxEnvironments int
}

// Defaults of Config and LambdaConfig.
const (
	DefaultListen          = "127.0.0.1:4566"
	DefaultAccount         = "000000000000"
	DefaultRegion          = "us-east-1"
	DefaultAccountRate     = 10000
	DefaultAccountBurst    = 5000
	DefaultTraces          = 1000
	DefaultLambdaIdle      = 10 * time.Minute
	DefaultMaxEnvironments = 100
)

// Values of Config.IAM.
const (
	IAMLenient = "lenient"
	IAMStrict  = "strict"
)

// Values of LambdaConfig.Executor.
const (
	ExecutorAuto    = "auto"
	ExecutorDocker  = "docker"
	ExecutorProcess = "process"
)

// Values of Config.RequestLogFormat.
const (
	LogText  = "text"
	LogColor = "color" // text with terminal colours
	LogJSON  = "json"
)
