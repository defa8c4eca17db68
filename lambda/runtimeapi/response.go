package runtimeapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

// Limits on what a runtime may send. AWS: 6 MiB and 100 bytes for a buffered response, 200 MiB for a stream.
const (
	MaxResponse = 6<<20 + 100
	MaxStream   = 200 << 20
)

// Error types that AWS gives to an answer that it refuses.
const (
	ResponseSizeTooLarge      = "Function.ResponseSizeTooLarge"
	TruncatedResponse         = "Runtime.TruncatedResponse"
	InvalidResponseModeHeader = "Runtime.InvalidResponseModeHeader"
)

const (
	headerErrorType    = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody    = "Lambda-Runtime-Function-Error-Body"
	headerResponseMode = "Lambda-Runtime-Function-Response-Mode"
)

var errTooLarge = errors.New("body too large")

// response takes the result of the current invocation.
func (s *Server) response(w http.ResponseWriter, r *http.Request, id string) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	inv, ok := s.begin(w, id, responding)
	if !ok {
		return
	}
	if mode := r.Header.Get(headerResponseMode); mode != "" && !strings.EqualFold(mode, "streaming") {
		s.answered(failure(InvalidResponseModeHeader, "RequestId: "+id+" Error: Invalid response mode header"))
		refuse(w, http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
		return
	}
	if inv.Stream != nil {
		s.stream(w, r, inv)
		return
	}
	body, err := readBody(r)
	switch {
	case errors.Is(err, errTooLarge):
		s.answered(failure(ResponseSizeTooLarge,
			fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResponse)))
	case err != nil:
		s.answered(truncated(id))
	default:
		s.answered(outcome(r, Outcome{Payload: body, ContentType: r.Header.Get("Content-Type"), Size: int64(len(body))}))
	}
	if err != nil {
		refuseBody(w, err)
		return
	}
	accept(w)
}

// stream passes the response on as it comes.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, inv *Invocation) {
	out := Outcome{ContentType: r.Header.Get("Content-Type"), Streamed: true}
	sink := inv.Stream(out.ContentType)
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Body.Read(buf)
		if out.Size += int64(n); out.Size > MaxStream {
			s.answered(streamFailure(out, ResponseSizeTooLarge,
				fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxStream)))
			refuseBody(w, errTooLarge)
			return
		}
		if n > 0 {
			// A caller that is gone does not end the invocation: the rest is read and dropped.
			if _, err := sink.Write(buf[:n]); err != nil {
				sink = io.Discard
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			s.answered(streamFailure(out, TruncatedResponse, "RequestId: "+inv.RequestID+" Error: Response was truncated"))
			refuseBody(w, err)
			return
		}
	}
	s.answered(outcome(r, out))
	accept(w)
}

// outcome completes out with the error that the runtime declared in the trailers, if any.
func outcome(r *http.Request, out Outcome) Outcome {
	if r.Trailer.Get(headerErrorType) == "" {
		return out
	}
	out.ErrorType = errorType(r.Trailer)
	body, err := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody))
	if err != nil {
		body = nil
	}
	out.Payload = body
	return out
}

// invocationError takes the error of the current invocation. The body is the caller's payload as it stands.
func (s *Server) invocationError(w http.ResponseWriter, r *http.Request, id string) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	if _, ok := s.begin(w, id, errorResponse); !ok {
		return
	}
	body, err := readBody(r)
	if err != nil {
		out := truncated(id)
		if errors.Is(err, errTooLarge) {
			out = failure(ResponseSizeTooLarge,
				fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResponse))
		}
		s.answered(out)
		refuseBody(w, err)
		return
	}
	s.answered(Outcome{
		Payload: errorPayload(r.Header, body), ErrorType: errorType(r.Header), ContentType: r.Header.Get("Content-Type"), Size: int64(len(body)),
	})
	accept(w)
}

// readBody reads a whole body up to MaxResponse.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > MaxResponse {
		return nil, errTooLarge
	}
	if r.ContentLength >= 0 {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(r.Body, MaxResponse+1))
	if err == nil && n > MaxResponse {
		err = errTooLarge
	}
	return buf.Bytes(), err
}

var errorTypePattern = lazyregexp.New(`^(Runtime|Function)\.[A-Z][a-zA-Z]+$`)

// errorType is the error's type for logs and metrics; the caller sees what the payload says.
func errorType(h http.Header) string {
	value := h.Get(headerErrorType)
	switch {
	case errorTypePattern().MatchString(value):
		return value
	case strings.HasPrefix(value, "Function."):
		return "Function.Unknown"
	}
	return "Runtime.Unknown"
}

// errorPayload is the caller's payload: the body, without the cause that X-Ray is sent in one content type.
func errorPayload(h http.Header, body []byte) []byte {
	if h.Get("Content-Type") != "application/vnd.aws.lambda.error.cause+json" {
		return body
	}
	var wrapped struct {
		ErrorMessage string          `json:"errorMessage"`
		ErrorType    string          `json:"errorType"`
		StackTrace   json.RawMessage `json:"stackTrace,omitempty"`
	}
	if json.Unmarshal(body, &wrapped) != nil {
		return body
	}
	stripped, err := json.Marshal(wrapped)
	if err != nil {
		return body
	}
	return stripped
}

// failure is an outcome that Lambda itself reports.
func failure(kind, message string) Outcome {
	return Outcome{ErrorType: kind, Payload: errorJSON(message, kind), ContentType: "application/json"}
}

func streamFailure(out Outcome, kind, message string) Outcome {
	out.ErrorType, out.Payload = kind, errorJSON(message, kind)
	return out
}

// unverified against AWS: the message; the type is its emulator's.
func truncated(id string) Outcome {
	return failure(TruncatedResponse, "RequestId: "+id+" Error: Response was truncated")
}
