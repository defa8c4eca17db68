package sts

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/sts"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/internal/lazyregexp"
)

// Config holds what a Service stands on.
type Config struct {
	IAM    *iam.Service
	Logger *slog.Logger
	// Strict refuses members that would have no effect (see unenforced).
	Strict bool
}

// Service implements the operations. Make it with New.
type Service struct {
	iam    *iam.Service
	log    *slog.Logger
	strict bool
}

// New gives a Service that issues its credentials through iam.
func New(cfg Config) *Service {
	return &Service{iam: cfg.IAM, log: cfg.Logger, strict: cfg.Strict}
}

// unenforced names the members that are accepted without effect, and why.
var unenforced = map[string]string{
	"AssumeRole.Policy":            "management calls are not authorized, so a session policy has nothing to narrow",
	"AssumeRole.PolicyArns":        "management calls are not authorized, so a session policy has nothing to narrow",
	"AssumeRole.Tags":              "session tags are read by policy conditions only",
	"AssumeRole.TransitiveTagKeys": "session tags are read by policy conditions only",
	"AssumeRole.ExternalId":        "trust policies are not evaluated",
	"AssumeRole.SerialNumber":      "there are no MFA devices",
	"AssumeRole.TokenCode":         "there are no MFA devices",
	"AssumeRole.ProvidedContexts":  "trust policies are not evaluated",
	"GetSessionToken.SerialNumber": "there are no MFA devices",
	"GetSessionToken.TokenCode":    "there are no MFA devices",
}

// Mux serves the operations over HTTP.
func (s *Service) Mux() *awsapi.Mux {
	return awsapi.NewMux(&wire.Service, map[string]awsapi.Handler{
		"GetCallerIdentity": awsapi.Op(s.getCallerIdentity),
		"AssumeRole":        awsapi.Op(s.assumeRole),
		"GetSessionToken":   awsapi.Op(s.getSessionToken),
		"GetAccessKeyInfo":  awsapi.Op(s.getAccessKeyInfo),
	}, awsapi.Options{Logger: s.log, Unenforced: unenforced, Strict: s.strict})
}

func (s *Service) getCallerIdentity(ctx context.Context, _ *wire.GetCallerIdentityInput) (*wire.GetCallerIdentityOutput, error) {
	account, p := s.iam.Caller(awsapi.IdentityFrom(ctx))
	return &wire.GetCallerIdentityOutput{UserId: &p.UserID, Account: &account, Arn: &p.ARN}, nil
}

const (
	defaultRoleSession = 3600
	defaultUserSession = 43200
	// maxChained is the longest session of a role that a role's session assumes.
	maxChained = time.Hour
)

var roleARN = lazyregexp.New(`^arn:(aws[a-z-]*):iam::(\d{12}):role/((?:[!-~]+/)?)([\w+=,.@-]+)$`)

func (s *Service) assumeRole(ctx context.Context, in *wire.AssumeRoleInput) (*wire.AssumeRoleOutput, error) {
	m := roleARN().FindStringSubmatch(*in.RoleArn)
	if m == nil {
		return nil, awsapi.Errorf("ValidationError", "%s is invalid", *in.RoleArn)
	}
	partition, account, name, session := m[1], m[2], m[4], *in.RoleSessionName
	role := s.iam.RoleToAssume(account, name)
	life := time.Duration(orDefault(in.DurationSeconds, defaultRoleSession)) * time.Second
	if life > role.MaxSession {
		return nil, awsapi.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if _, caller := s.iam.Caller(awsapi.IdentityFrom(ctx)); life > maxChained && strings.Contains(caller.ARN, ":assumed-role/") {
		return nil, awsapi.Errorf("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if err := checkTags(in.Tags, in.TransitiveTagKeys); err != nil {
		return nil, err
	}
	p := iam.Principal{
		ARN:    "arn:" + partition + ":sts::" + account + ":assumed-role/" + name + "/" + session,
		UserID: role.ID + ":" + session,
	}
	c, err := s.iam.IssueTemporary(ctx, account, p, life)
	if err != nil {
		return nil, err
	}
	return &wire.AssumeRoleOutput{
		Credentials:     credentials(c),
		AssumedRoleUser: &wire.AssumedRoleUser{AssumedRoleId: &p.UserID, Arn: &p.ARN},
		SourceIdentity:  in.SourceIdentity,
	}, nil
}

// checkTags wants each tag of a session once, and those it hands on to be among them.
func checkTags(tags []wire.Tag, transitive []string) error {
	keys := make([]string, len(tags))
	for i, tag := range tags {
		keys[i] = strings.ToLower(*tag.Key)
		if slices.Contains(keys[:i], keys[i]) {
			return awsapi.Errorf("InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
	}
	for _, key := range transitive {
		if !slices.Contains(keys, strings.ToLower(key)) {
			return awsapi.Errorf("InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
		}
	}
	return nil
}

func (s *Service) getSessionToken(ctx context.Context, in *wire.GetSessionTokenInput) (*wire.GetSessionTokenOutput, error) {
	account, caller := s.iam.Caller(awsapi.IdentityFrom(ctx))
	if s.inSession(ctx) {
		return nil, &awsapi.Error{Code: "AccessDenied", Message: "Cannot call GetSessionToken with session credentials", Status: 403}
	}
	life := time.Duration(orDefault(in.DurationSeconds, defaultUserSession)) * time.Second
	c, err := s.iam.IssueTemporary(ctx, account, caller, life)
	if err != nil {
		return nil, err
	}
	return &wire.GetSessionTokenOutput{Credentials: credentials(c)}, nil
}

// getAccessKeyInfo answers for every key id that is one: the id says the account.
func (s *Service) getAccessKeyInfo(_ context.Context, in *wire.GetAccessKeyInfoInput) (*wire.GetAccessKeyInfoOutput, error) {
	account, ok := s.iam.AccountFor(*in.AccessKeyId)
	if !ok {
		account, ok = iam.AccountOfKeyID(*in.AccessKeyId)
	}
	if !ok {
		// unverified against AWS: the text for an id that carries no account.
		return nil, awsapi.Errorf("ValidationError", "Invalid access key ID")
	}
	return &wire.GetAccessKeyInfoOutput{Account: &account}, nil
}

// inSession tells whether the caller uses a temporary credential.
func (s *Service) inSession(ctx context.Context) bool {
	c, ok := s.iam.SecretFor(awsapi.IdentityFrom(ctx).AccessKeyID)
	return ok && c.SessionToken != ""
}

func credentials(c iam.Credential) *wire.Credentials {
	return &wire.Credentials{
		AccessKeyId:     &c.AccessKeyID,
		SecretAccessKey: &c.SecretAccessKey,
		SessionToken:    &c.SessionToken,
		Expiration:      &c.Expires,
	}
}

func orDefault(p *int, def int) int {
	if p == nil {
		return def
	}
	return *p
}
