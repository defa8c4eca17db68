package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// maxSkew is how far a client's clock may be off.
const maxSkew = 5 * time.Minute

// emptyHash is the SHA-256 of no bytes: what presigned GETs are signed with.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Request is the part of an HTTP request that is signed. Path and Query are as
// they were on the wire. BodyHash gives the lower-case hex SHA-256 of the body; it
// is called at most once, and not at all when the signature is refused before.
type Request struct {
	Method   string
	Host     string
	Path     string
	Query    string
	Header   http.Header
	Length   int64 // Content-Length, for servers that keep it out of Header
	BodyHash func() (string, error)
}

// Key is the secret behind an access key.
type Key struct {
	Secret string
	Token  string // session token that must come with it; empty for long-term keys
	// Expires is when a temporary key ends; zero: never.
	Expires time.Time
}

// Scope is what a credential must be scoped to. An empty Region takes any.
type Scope struct {
	Region  string
	Service string
}

// Verify checks a parsed signature against the key of its access key id.
func (s *Signature) Verify(r Request, key Key, want Scope, now time.Time) *Error {
	if err := s.checkKey(key, now); err != nil {
		return err
	}
	if want.Region != "" && s.Region != want.Region {
		return invalid("Credential should be scoped to a valid region, not '" + s.Region + "'. ")
	}
	if s.Service != want.Service {
		return invalid("Credential should be scoped to correct service: '" + want.Service + "'. ")
	}
	if err := s.checkTime(now); err != nil {
		return err
	}
	hash, err := s.bodyHash(r)
	if err != nil {
		return err
	}
	var first *Error
	for _, canonical := range s.canonicalForms(r, hash) {
		toSign := algorithm + "\n" + s.signedAt + "\n" + s.scope() + "\n" + hexHash(canonical)
		want := hex.EncodeToString(sign(signingKey(key.Secret, s.Date, s.Region, s.Service), toSign))
		if subtle.ConstantTimeCompare([]byte(want), []byte(s.signature)) == 1 {
			return nil
		}
		if first == nil {
			first = mismatch(canonical, toSign)
		}
	}
	return first
}

func (s *Signature) checkKey(key Key, now time.Time) *Error {
	if subtle.ConstantTimeCompare([]byte(key.Token), []byte(s.Token)) != 1 && key.Token != "" {
		return &Error{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	if !key.Expires.IsZero() && !now.Before(key.Expires) {
		return &Error{"ExpiredTokenException", "The security token included in the request is expired"}
	}
	return nil
}

func (s *Signature) checkTime(now time.Time) *Error {
	signed, err := time.Parse(timeFormat, s.signedAt)
	if err != nil {
		return incomplete("Date must be in ISO-8601 'basic format'. Got '" + s.signedAt + "'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	if day := s.signedAt[:8]; day != s.Date {
		return invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" + s.Date + "' != '" + day + "', from '" + s.signedAt + "'.")
	}
	text := func(t time.Time) string { return t.UTC().Format(timeFormat) }
	if late := now.Add(maxSkew); signed.After(late) {
		return invalid("Signature not yet current: " + s.signedAt + " is still later than " + text(late) + " (" + text(now) + " + 5 min.)")
	}
	if s.presigned {
		if end := signed.Add(s.expires); now.After(end) {
			return invalid("Signature expired: " + text(end) + " is now earlier than " + text(now))
		}
		return nil
	}
	if early := now.Add(-maxSkew); signed.Before(early) {
		return invalid("Signature expired: " + s.signedAt + " is now earlier than " + text(early) + " (" + text(now) + " - 5 min.)")
	}
	return nil
}

// bodyHash gives the payload hash that the client signed, once it is known to be
// the body's.
func (s *Signature) bodyHash(r Request) (string, *Error) {
	claimed := r.Header.Get("X-Amz-Content-Sha256")
	if claimed == "UNSIGNED-PAYLOAD" || strings.HasPrefix(claimed, "STREAMING-") {
		return "", invalid("The provided 'x-amz-content-sha256' header must be a valid SHA256.")
	}
	actual := emptyHash
	if r.BodyHash != nil {
		var err error
		if actual, err = r.BodyHash(); err != nil {
			return "", incomplete("The body could not be read: " + err.Error())
		}
	}
	if claimed != "" && !strings.EqualFold(claimed, actual) {
		return "", invalid("The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return actual, nil
}

func signingKey(secret, date, region, service string) []byte {
	k := sign([]byte("AWS4"+secret), date)
	return sign(sign(sign(k, region), service), "aws4_request")
}

func sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func invalid(text string) *Error { return &Error{"InvalidSignatureException", text} }

func mismatch(canonical, toSign string) *Error {
	text := "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	if canonical != "" {
		text += "\n\nThe Canonical String for this request should have been\n'" + canonical + "'\n\nThe String-to-Sign should have been\n'" + toSign + "'\n"
	}
	return invalid(text)
}
