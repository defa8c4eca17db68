package lambda

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// spec describes a version to the executor.
func (s *Service) spec(key versionKey, v *Version) (*executor.Spec, error) {
	c := &v.Config
	spec := &executor.Spec{
		Account: key.scope.Account, Region: key.scope.Region,
		FunctionName: key.name, FunctionARN: functionARN(key.scope, key.name), Version: v.Number,
		Runtime: c.Runtime, Handler: c.Handler, Architecture: c.Architecture,
		RuntimeVersionARN: RuntimeVersionARN(key.scope.Region, c.Runtime),
		MemoryMB:          c.MemorySize, EphemeralMB: c.Ephemeral, Timeout: time.Duration(c.Timeout) * time.Second,
		CodeDir:     v.Code.Dir,
		Variables:   c.Environment,
		Credentials: s.config.Credentials(key.scope.Account, c.Role, key.name),
		Logging: executor.Logging{
			Group: c.Logging.Group, Format: c.Logging.Format,
			ApplicationLevel: c.Logging.ApplicationLevel, SystemLevel: c.Logging.SystemLevel,
		},
	}
	if v.Code.Image != "" {
		spec.Image = &executor.Image{URI: v.Code.Image}
		if i := c.Image; i != nil {
			spec.Image.EntryPoint, spec.Image.Command, spec.Image.WorkingDirectory = i.EntryPoint, i.Command, i.WorkingDirectory
		}
	}
	if v.Code.Blob != "" {
		a, err := s.archive(v.Code.Blob)
		if err != nil {
			return nil, fmt.Errorf("open code: %w", err)
		}
		spec.Code = a
	}
	for _, l := range c.Layers {
		a, err := s.archive(l.Blob)
		if err != nil {
			return nil, fmt.Errorf("open layer %s: %w", l.ARN, err)
		}
		spec.Layers = append(spec.Layers, a)
	}
	return spec, nil
}

// RuntimeVersionARN names the one version of a runtime that there is here; empty for an image.
func RuntimeVersionARN(region, runtime string) string {
	if runtime == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(runtime))
	return "arn:" + partition(region) + ":lambda:" + region + "::runtime:" + hex.EncodeToString(sum[:])
}

// RoleCredentials makes up credentials for a function's execution role. They are the same at each call, and the
// account can be read back from the access key: see AccountOfKey.
func RoleCredentials(account, roleARN, function string) executor.Credentials {
	seed := sha256.Sum256([]byte(account + "\n" + roleARN + "\n" + function))
	more := sha256.Sum256(seed[:])
	return executor.Credentials{
		AccessKeyID:     accessKeyID(account, seed[:]),
		SecretAccessKey: base64.RawStdEncoding.EncodeToString(seed[:30]),
		SessionToken:    base64.StdEncoding.EncodeToString(append(more[:], seed[:]...)),
	}
}

const temporaryKey = "ASIA"

// accessKeyID is a temporary access key. AWS: the twelve digits of the account stand in the key, as 40 of the first 48
// bits behind the prefix.
func accessKeyID(account string, seed []byte) string {
	n, _ := strconv.ParseUint(account, 10, 40) // of twelve digits it never fails
	n <<= 7
	raw := []byte{0x80 | byte(n>>40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n) | seed[0]&0x7f}
	return temporaryKey + base32.StdEncoding.EncodeToString(append(raw, seed[1:5]...))
}

// AccountOfKey is the account that a temporary access key belongs to.
func AccountOfKey(key string) (string, bool) {
	if len(key) != 20 || key[:4] != temporaryKey {
		return "", false
	}
	raw, err := base32.StdEncoding.DecodeString(key[4:])
	if err != nil || raw[0]&0x80 == 0 {
		return "", false
	}
	var n uint64
	for _, b := range raw[:6] {
		n = n<<8 | uint64(b)
	}
	return fmt.Sprintf("%012d", n&0x7fffffffffff>>7), true
}
