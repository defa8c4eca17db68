package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once, as if nobody listened for it.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// commands is the command line. Help is written for who reads it top down.
type commands struct {
	Start   startCommand   `cmd:"" default:"withargs" help:"Run Postern. This is what postern does without a command."`
	Status  statusCommand  `cmd:"" help:"Say whether a Postern runs and what is in it."`
	Token   tokenCommand   `cmd:"" help:"Print a token of Postern's own issuer, for JWT authorizers."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// terminal is what commands write to.
type terminal struct{ out, err io.Writer }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var line commands
	helped := false
	parser, err := kong.New(&line,
		kong.Name("postern"),
		kong.Description("A local Amazon API Gateway: REST, HTTP and WebSocket APIs with Lambda functions behind them, on one port. "+
			"Every flag of start can also be set by the environment variable named beside it."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Help(help),
		kong.ExplicitGroups(groups),
		vars(),
	)
	if err != nil {
		return fail(stderr, exitFailed, err)
	}
	command, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		fail(stderr, exitUsage, err)
		fmt.Fprintln(stderr, "postern --help names every flag.")
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(terminal{stdout, stderr}); err != nil {
		return fail(stderr, exitFailed, err)
	}
	return exitOK
}

// help shows the flags of start together with the commands, since start is
// what postern does without one.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil || ctx.Selected() != nil {
		return err
	}
	start, err := kong.Trace(ctx.Kong, []string{"start"})
	if err != nil {
		return err
	}
	fmt.Fprintln(ctx.Stdout)
	return kong.DefaultHelpPrinter(options, start)
}

// fail writes the one line that a user gets to see of an error.
func fail(stderr io.Writer, status int, err error) int {
	fmt.Fprintln(stderr, "postern:", strings.ReplaceAll(err.Error(), "\n", "; "))
	return status
}
