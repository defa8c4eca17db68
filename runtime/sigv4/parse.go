package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
)

// Error is a signature that does not hold. Type is AWS's error type, Message its text.
type Error struct {
	Type    string
	Message string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Signature is what a request says of its own signature.
type Signature struct {
	AccessKeyID   string
	Date          string // of the scope, YYYYMMDD
	Region        string
	Service       string
	SignedHeaders []string
	Token         string // session token, empty for long-term keys

	signature string
	signedAt  string        // X-Amz-Date or Date, ISO basic form
	expires   time.Duration // presigned only
	presigned bool
}

func (s *Signature) scope() string {
	return s.Date + "/" + s.Region + "/" + s.Service + "/aws4_request"
}

// Parse finds the signature of a request: in the Authorization header, else in the
// query. A request without either is a MissingAuthenticationTokenException.
func Parse(header http.Header, rawQuery string) (*Signature, *Error) {
	if auth := header.Get("Authorization"); auth != "" {
		return parseHeader(auth, header)
	}
	if strings.Contains(rawQuery, "X-Amz-") {
		q, err := url.ParseQuery(rawQuery)
		if err == nil && (q.Has("X-Amz-Signature") || q.Has("X-Amz-Credential")) {
			return parseQuery(q)
		}
	}
	return nil, &Error{"MissingAuthenticationTokenException", "Missing Authentication Token"}
}

func parseHeader(auth string, header http.Header) (*Signature, *Error) {
	scheme, rest, _ := strings.Cut(auth, " ")
	if scheme == "AWS4-ECDSA-P256-SHA256" {
		// AWS: execute-api does not take SigV4A.
		return nil, mismatch("", "")
	}
	if scheme != algorithm {
		if !strings.Contains(auth, "=") {
			return nil, incomplete("'" + lastWord(auth) + "' not a valid key=value pair (missing equal-sign) in Authorization header: '" + auth + "'.")
		}
		return nil, incomplete(missingParts(nil, header) + "Authorization=" + auth)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		part = strings.TrimSpace(part)
		k, v, ok := strings.Cut(part, "=")
		if !ok {
			return nil, incomplete("'" + part + "' not a valid key=value pair (missing equal-sign) in Authorization header: '" + auth + "'.")
		}
		parts[k] = v
	}
	if missing := missingParts(parts, header); missing != "" {
		return nil, incomplete(missing + "Authorization=" + auth)
	}
	s := &Signature{signature: parts["Signature"], SignedHeaders: strings.Split(parts["SignedHeaders"], ";"), Token: header.Get("X-Amz-Security-Token")}
	s.signedAt = header.Get("X-Amz-Date")
	if s.signedAt == "" {
		s.signedAt = isoBasic(header.Get("Date"))
	}
	return s, s.credential(parts["Credential"])
}

func parseQuery(q url.Values) (*Signature, *Error) {
	if q.Get("X-Amz-Algorithm") != algorithm {
		return nil, mismatch("", "")
	}
	var missing []string
	for _, name := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"} {
		if q.Get(name) == "" {
			missing = append(missing, "AWS query-string parameters must include '"+name+"'. ")
		}
	}
	if len(missing) > 0 {
		return nil, incomplete(strings.Join(missing, "") + "Re-examine the query-string parameters.")
	}
	expires, err := time.ParseDuration(q.Get("X-Amz-Expires") + "s")
	if err != nil || expires < time.Second || expires > 7*24*time.Hour {
		return nil, incomplete("X-Amz-Expires must be between 1 and 604800 seconds.")
	}
	s := &Signature{signature: q.Get("X-Amz-Signature"), SignedHeaders: strings.Split(q.Get("X-Amz-SignedHeaders"), ";"),
		Token: q.Get("X-Amz-Security-Token"), signedAt: q.Get("X-Amz-Date"), expires: expires, presigned: true}
	return s, s.credential(q.Get("X-Amz-Credential"))
}

// credential takes AK/date/region/service/aws4_request apart.
func (s *Signature) credential(text string) *Error {
	p := strings.Split(text, "/")
	if len(p) != 5 || p[4] != "aws4_request" {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + text + "'")
	}
	s.AccessKeyID, s.Date, s.Region, s.Service = p[0], p[1], p[2], p[3]
	return nil
}

// missingParts says which parts an Authorization header lacks, a sentence each.
func missingParts(parts map[string]string, header http.Header) string {
	var b strings.Builder
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[name] == "" {
			b.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	if header.Get("X-Amz-Date") == "" && header.Get("Date") == "" {
		b.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	return b.String()
}

func isoBasic(date string) string {
	for _, layout := range []string{timeFormat, time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, date); err == nil {
			return t.UTC().Format(timeFormat)
		}
	}
	return date
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

func incomplete(text string) *Error { return &Error{"IncompleteSignatureException", text} }
