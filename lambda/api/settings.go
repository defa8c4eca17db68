package api

import (
	"context"
	"fmt"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// settings are the members that CreateFunction and UpdateFunctionConfiguration share.
type settings struct {
	role, runtime, handler, description, kmsKey *string
	timeout, memory                             *int
	vpc                                         *wire.VpcConfig
	environment                                 *wire.Environment
	noEnvironment                               bool
	deadLetter                                  *wire.DeadLetterConfig
	tracing                                     *wire.TracingConfig
	fileSystems                                 []wire.FileSystemConfig
	image                                       *wire.ImageConfig
	ephemeral                                   *wire.EphemeralStorage
	snapStart                                   *wire.SnapStart
	logging                                     *wire.LoggingConfig
	refused                                     string // the first member that is not built
}

func ofCreate(in *wire.CreateFunctionInput) *settings {
	return &settings{
		role: in.Role, runtime: in.Runtime, handler: in.Handler, description: in.Description, kmsKey: in.KMSKeyArn,
		timeout: in.Timeout, memory: in.MemorySize, vpc: in.VpcConfig, environment: in.Environment, deadLetter: in.DeadLetterConfig,
		tracing: in.TracingConfig, fileSystems: in.FileSystemConfigs, image: in.ImageConfig, ephemeral: in.EphemeralStorage,
		snapStart: in.SnapStart, logging: in.LoggingConfig,
		refused: firstSet(map[string]bool{
			"CodeSigningConfigArn": awsapi.Val(in.CodeSigningConfigArn) != "", "CapacityProviderConfig": in.CapacityProviderConfig != nil,
			"PublishTo": in.PublishTo != nil, "DurableConfig": in.DurableConfig != nil, "TenancyConfig": in.TenancyConfig != nil,
		}),
	}
}

func ofUpdate(in *wire.UpdateFunctionConfigurationInput) *settings {
	s := &settings{
		role: in.Role, runtime: in.Runtime, handler: in.Handler, description: in.Description, kmsKey: in.KMSKeyArn,
		timeout: in.Timeout, memory: in.MemorySize, vpc: in.VpcConfig, environment: in.Environment, deadLetter: in.DeadLetterConfig,
		tracing: in.TracingConfig, fileSystems: in.FileSystemConfigs, image: in.ImageConfig, ephemeral: in.EphemeralStorage,
		snapStart: in.SnapStart, logging: in.LoggingConfig,
		refused: firstSet(map[string]bool{
			"CapacityProviderConfig": in.CapacityProviderConfig != nil, "DurableConfig": in.DurableConfig != nil,
		}),
	}
	// AWS: an empty environment is kept when a function is made, and takes the one it has
	// away afterwards.
	s.noEnvironment = in.Environment != nil && len(in.Environment.Variables) == 0
	return s
}

func firstSet(members map[string]bool) string {
	for name, set := range members {
		if set {
			return name
		}
	}
	return ""
}

// apply sets what was given, leaving out what was not.
func (s *settings) apply(c *lambda.Configuration) {
	set(&c.Role, s.role)
	set(&c.Runtime, s.runtime)
	set(&c.Handler, s.handler)
	set(&c.Description, s.description)
	set(&c.KMSKeyARN, s.kmsKey)
	set(&c.Timeout, s.timeout)
	set(&c.MemorySize, s.memory)
	if s.noEnvironment {
		c.Environment = nil
	} else if s.environment != nil {
		if c.Environment = s.environment.Variables; c.Environment == nil {
			c.Environment = map[string]string{}
		}
	}
	if s.vpc != nil {
		c.VPC = &lambda.VPC{Subnets: s.vpc.SubnetIds, SecurityGroups: s.vpc.SecurityGroupIds, DualStack: awsapi.Val(s.vpc.Ipv6AllowedForDualStack)}
	}
	if s.deadLetter != nil {
		c.DeadLetter = awsapi.Val(s.deadLetter.TargetArn)
	}
	if s.tracing != nil {
		set(&c.Tracing, s.tracing.Mode)
	}
	if s.fileSystems != nil {
		c.FileSystems = nil
		for _, f := range s.fileSystems {
			c.FileSystems = append(c.FileSystems, lambda.FileSystem{ARN: awsapi.Val(f.Arn), Path: awsapi.Val(f.LocalMountPath)})
		}
	}
	if i := s.image; i != nil {
		c.Image = nil
		// AWS: an empty ImageConfig takes the one before away.
		if i.EntryPoint != nil || i.Command != nil || i.WorkingDirectory != nil {
			c.Image = &lambda.ImageConfig{EntryPoint: i.EntryPoint, Command: i.Command, WorkingDirectory: awsapi.Val(i.WorkingDirectory)}
		}
	}
	if s.ephemeral != nil {
		set(&c.Ephemeral, s.ephemeral.Size)
	}
	if s.snapStart != nil {
		set(&c.SnapStart, s.snapStart.ApplyOn)
	}
	if l := s.logging; l != nil {
		if l.LogFormat != nil && *l.LogFormat != c.Logging.Format {
			// AWS: the levels belong to the format JSON.
			c.Logging.Format, c.Logging.ApplicationLevel, c.Logging.SystemLevel = *l.LogFormat, "", ""
		}
		set(&c.Logging.ApplicationLevel, l.ApplicationLogLevel)
		set(&c.Logging.SystemLevel, l.SystemLogLevel)
		set(&c.Logging.Group, l.LogGroup)
	}
}

func set[T any](field *T, given *T) {
	if given != nil {
		*field = *given
	}
}

// unenforced lists the settings that are kept and shown but not acted on, with the reason.
var unenforced = []struct {
	member, reason string
	given          func(*settings) bool
}{
	{"VpcConfig", "functions run in no VPC", func(s *settings) bool { return s.vpc != nil && len(s.vpc.SubnetIds) > 0 }},
	{"KMSKeyArn", "environment variables are not encrypted", func(s *settings) bool { return awsapi.Val(s.kmsKey) != "" }},
	{"FileSystemConfigs", "no EFS file system is mounted", func(s *settings) bool { return len(s.fileSystems) > 0 }},
	{"SnapStart", "environments start without a snapshot", func(s *settings) bool {
		return s.snapStart != nil && awsapi.Val(s.snapStart.ApplyOn) == "PublishedVersions"
	}},
	{"TracingConfig", "no traces are sent to X-Ray", func(s *settings) bool {
		return s.tracing != nil && awsapi.Val(s.tracing.Mode) == "Active"
	}},
}

// admit refuses what is not built, and with Strict what is not acted on; otherwise that is logged.
func (a *API) admit(ctx context.Context, operation, function string, s *settings) error {
	if s.refused != "" {
		return unbuilt(fmt.Sprintf("%s of %s", s.refused, operation))
	}
	for _, u := range unenforced {
		if !u.given(s) {
			continue
		}
		if err := a.ineffective(ctx, operation, function, u.member, u.reason); err != nil {
			return err
		}
	}
	if s.deadLetter != nil {
		return a.deliverable(ctx, operation, function, "DeadLetterConfig", awsapi.Val(s.deadLetter.TargetArn))
	}
	return nil
}

// deliverable tells when what an event leaves behind has nowhere to go.
func (a *API) deliverable(ctx context.Context, operation, function, member, arn string) error {
	if arn == "" || a.service.Delivers(arn) {
		return nil
	}
	return a.ineffective(ctx, operation, function, member, "no upstream takes what is sent to "+arn)
}

// ineffective logs a setting that is not acted on, or with Strict refuses it.
func (a *API) ineffective(ctx context.Context, operation, function, member, reason string) error {
	if a.config.Strict {
		return unbuilt(fmt.Sprintf("%s of %s: %s; it is accepted without --strict", member, operation, reason))
	}
	a.log.WarnContext(ctx, "setting has no effect here", "operation", operation, "function", function, "member", member, "reason", reason)
	return nil
}
