package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/postern/postern/emulator"
)

var groups = []kong.Group{
	{Key: "listen", Title: "Where Postern is reached:"},
	{Key: "identity", Title: "Who callers are:"},
	{Key: "state", Title: "State:"},
	{Key: "limits", Title: "Limits:"},
	{Key: "lambda", Title: "Lambda functions:"},
	{Key: "strict", Title: "Strictness:"},
	{Key: "services", Title: "Other AWS services:"},
	{Key: "logs", Title: "Logs:"},
}

type startCommand struct {
	Listen       string        `group:"listen" env:"POSTERN_LISTEN" default:"${listen}" placeholder:"HOST:PORT" help:"Address of everything (default ${default}). Port 0 takes a free one."`
	Hostname     []string      `group:"listen" env:"POSTERN_HOSTNAME" placeholder:"NAME" help:"A further DNS name of this Postern; APIs are then at {api}.execute-api.NAME too. May be repeated."`
	DrainTimeout time.Duration `group:"listen" env:"POSTERN_DRAIN_TIMEOUT" default:"8s" placeholder:"TIME" help:"How long requests may take to end when Postern is told to (default ${default})."`

	Account string `group:"identity" env:"POSTERN_ACCOUNT" default:"${account}" placeholder:"ID" help:"Account of callers whose access key is not twelve digits (default ${default})."`
	Region  string `group:"identity" env:"POSTERN_REGION" default:"${region}" placeholder:"REGION" help:"Region of unsigned calls (default ${default})."`

	AccountRate  float64 `group:"limits" env:"POSTERN_ACCOUNT_RATE" default:"0" placeholder:"N" help:"Requests a second that the REST and HTTP APIs of one account take in a region: ${rate} on AWS (default ${default}, as many as come)."`
	AccountBurst int     `group:"limits" env:"POSTERN_ACCOUNT_BURST" default:"${burst}" placeholder:"N" help:"Requests that they take at once, with --account-rate (default ${default}, as on AWS)."`

	DataDir string `group:"state" env:"POSTERN_DATA_DIR" placeholder:"DIR" help:"Keep every change in DIR, over restarts. Without it state is in memory."`

	Executor              string            `group:"lambda" env:"POSTERN_EXECUTOR" default:"auto" enum:"auto,docker,process" placeholder:"auto|docker|process" help:"How functions run: in containers, or as processes of this machine. auto takes docker where an engine answers (default ${default})."`
	LambdaEndpointURL     string            `group:"lambda" name:"lambda-endpoint-url" env:"POSTERN_LAMBDA_ENDPOINT_URL" placeholder:"URL|none" help:"AWS_ENDPOINT_URL of functions. Default: this Postern as they see it."`
	LambdaImage           map[string]string `group:"lambda" env:"POSTERN_LAMBDA_IMAGE" mapsep:"," placeholder:"RUNTIME=IMAGE" help:"Base image of a runtime in place of AWS's; * for all, with {runtime} replaced. May be repeated."`
	LambdaNetwork         string            `group:"lambda" env:"POSTERN_LAMBDA_NETWORK" placeholder:"NAME" help:"Docker network that function containers join. Default: one where they reach Postern."`
	LambdaCallbackHost    string            `group:"lambda" env:"POSTERN_LAMBDA_CALLBACK_HOST" placeholder:"HOST" help:"Name or address by which containers reach Postern, for an engine on another machine."`
	LambdaIdle            time.Duration     `group:"lambda" env:"POSTERN_LAMBDA_IDLE" default:"10m" placeholder:"TIME" help:"How long an environment stays without an event; 0s: one event each (default ${default})."`
	LambdaMaxEnvironments int               `group:"lambda" env:"POSTERN_LAMBDA_MAX_ENVIRONMENTS" default:"${environments}" placeholder:"N" help:"Most environments of all functions together (default ${default})."`

	Strict           bool   `group:"strict" env:"POSTERN_STRICT" help:"Refuse settings that Postern would store but not enforce, and JWT authorizers whose issuer does not answer."`
	VerifySignatures bool   `group:"strict" env:"POSTERN_VERIFY_SIGNATURES" help:"Check the signatures of management calls. Otherwise any credentials will do."`
	IAM              string `group:"strict" name:"iam" env:"POSTERN_IAM" default:"lenient" enum:"lenient,strict" placeholder:"lenient|strict" help:"Whether signed calls of APIs (AWS_IAM) may use access keys that were not issued here (default ${default})."`

	Upstream []string          `group:"services" env:"POSTERN_UPSTREAM" placeholder:"[SERVICE=]URL" help:"Where services are that Postern does not have: sqs=http://localhost:9324 for one, http://localhost:5000 for all others. May be repeated."`
	VPCLink  map[string]string `group:"services" name:"vpc-link" env:"POSTERN_VPC_LINK" mapsep:"," placeholder:"ID|ARN=URL" help:"Where what stands behind a VPC link is: http://localhost:8080 for the link's id, for the ARN of a listener, load balancer or Cloud Map service, or for a load balancer's host. May be repeated."`

	VPCEndpoint map[string]string `group:"services" name:"vpc-endpoint" env:"POSTERN_VPC_ENDPOINT" mapsep:"," placeholder:"VPCE-ID=VPC-ID" help:"The VPC of a VPC endpoint, for policies of private APIs that ask for aws:SourceVpc. May be repeated."`

	LogFormat string `group:"logs" env:"POSTERN_LOG_FORMAT" default:"text" enum:"text,json" placeholder:"text|json" help:"Format of request lines on stdout and of the log on stderr (default ${default})."`
	LogLevel  string `group:"logs" env:"POSTERN_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"debug|info|warn|error" help:"Least level of the log on stderr (default ${default})."`
	Traces    int    `group:"logs" env:"POSTERN_TRACES" default:"${traces}" placeholder:"N" help:"How many requests /_postern/traces remembers (default ${default})."`
}

// vars puts the emulator's own defaults into the help.
func vars() kong.Vars {
	return kong.Vars{
		"listen":       emulator.DefaultListen,
		"account":      emulator.DefaultAccount,
		"region":       emulator.DefaultRegion,
		"rate":         fmt.Sprint(emulator.DefaultAccountRate),
		"burst":        fmt.Sprint(emulator.DefaultAccountBurst),
		"environments": fmt.Sprint(emulator.DefaultMaxEnvironments),
		"traces":       fmt.Sprint(emulator.DefaultTraces),
		"oidc":         emulator.IssuerPath,
	}
}

// gcPercent trades memory under load for processor time: most of what a request
// allocates is gone when it ends, and the heap that stays is small. An idle Postern
// is as small as with Go's own 100.
const gcPercent = 300

// Run runs an emulator until ctx ends, and drains it.
func (c *startCommand) Run(ctx context.Context, term terminal) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	config, err := c.config(term)
	if err != nil {
		return err
	}
	e, err := emulator.Start(ctx, config)
	if err != nil {
		return err
	}
	if c.LogFormat == emulator.LogJSON {
		bannerJSON(term.out, e.Describe())
	} else {
		banner(term.out, e.Describe())
	}
	<-ctx.Done()
	config.Log.Info("ending; a second signal ends at once")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.DrainTimeout)
	defer cancel()
	return e.Close(drain)
}

func (c *startCommand) config(term terminal) (emulator.Config, error) {
	upstreams, err := parseUpstreams(c.Upstream)
	if err != nil {
		return emulator.Config{}, err
	}
	config := emulator.Config{
		Listen:           c.Listen,
		Hostnames:        c.Hostname,
		Account:          c.Account,
		Region:           c.Region,
		DataDir:          c.DataDir,
		AccountRate:      c.AccountRate,
		AccountBurst:     c.AccountBurst,
		Upstreams:        upstreams,
		VPCLinks:         c.VPCLink,
		VPCEndpoints:     c.VPCEndpoint,
		Strict:           c.Strict,
		VerifySignatures: c.VerifySignatures,
		IAM:              c.IAM,
		Lambda: emulator.LambdaConfig{
			Executor:        c.Executor,
			EndpointURL:     c.LambdaEndpointURL,
			CallbackHost:    c.LambdaCallbackHost,
			Images:          c.LambdaImage,
			Network:         c.LambdaNetwork,
			Idle:            c.LambdaIdle,
			MaxEnvironments: c.LambdaMaxEnvironments,
		},
		Log:              newLog(term.err, c.LogFormat, c.LogLevel),
		RequestLog:       term.out,
		RequestLogFormat: c.LogFormat,
		Traces:           c.Traces,
		Version:          version(),
	}
	// In a Config zero stands for the default; on the command line it is meant.
	if c.LambdaIdle == 0 {
		config.Lambda.Idle = -1
	}
	if c.AccountBurst == 0 {
		config.AccountBurst = -1
	}
	if c.Traces == 0 {
		config.Traces = -1
	}
	if c.LogFormat == emulator.LogText && isTerminal(term.out) {
		config.RequestLogFormat = emulator.LogColor
	}
	return config, nil
}

// parseUpstreams reads SERVICE=URL, and URL alone for all services.
func parseUpstreams(flags []string) (map[string]string, error) {
	upstreams := map[string]string{}
	for _, flag := range flags {
		service, url, ok := strings.Cut(flag, "=")
		if !ok || strings.Contains(service, "://") {
			service, url = "*", flag
		}
		if _, twice := upstreams[service]; twice {
			return nil, fmt.Errorf("--upstream %s: there is one for %s already", flag, service)
		}
		upstreams[service] = url
	}
	return upstreams, nil
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func newLog(w io.Writer, format, level string) *slog.Logger {
	if format == emulator.LogJSON {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: levels[level]}))
	}
	return slog.New(newConsole(w, levels[level], isTerminal(w)))
}

// isTerminal says whether colours are of use on w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}
