package executortest

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

const streamHandler = `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
	stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-a': 'b' }, cookies: ['a=b'] });
	for (let i = 0; i < 3; i++) {
		stream.write('chunk;');
		await sleep(100);
		if (event.fail && i === 1) throw new TypeError('in the middle');
	}
	stream.end();
});`

// pieces collects a streamed response and when its pieces came.
type pieces struct {
	mu          sync.Mutex
	contentType string
	data        bytes.Buffer
	first, last time.Time
}

func (p *pieces) begin(contentType string) io.Writer {
	p.contentType = contentType
	return p
}

func (p *pieces) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	if p.first.IsZero() {
		p.first = p.last
	}
	return p.data.Write(data)
}

func runStreamed(t *testing.T, f *fixture) {
	fn := f.prepare(node(t, "index.handler", map[string]string{"index.js": streamHandler}))
	var got pieces
	res := f.do(fn, executor.Invocation{Payload: []byte(`{}`), Stream: got.begin})
	if res.FunctionError != "" || !res.Streamed || len(res.Payload) > 0 {
		t.Errorf("result is %+v", res)
	}
	if got.contentType != "application/vnd.awslambda.http-integration-response" {
		t.Errorf("content type %q", got.contentType)
	}
	if want := `{"statusCode":201,"headers":{"x-a":"b"},"cookies":["a=b"]}` + strings.Repeat("\x00", 8) + "chunk;chunk;chunk;"; got.data.String() != want {
		t.Errorf("got %q", got.data.String())
	}
	if spread := got.last.Sub(got.first); spread < 150*time.Millisecond {
		t.Errorf("pieces came within %v of each other", spread)
	}
}

func runStreamFails(t *testing.T, f *fixture) {
	fn := f.prepare(node(t, "index.handler", map[string]string{"index.js": streamHandler}))
	var got pieces
	res := f.do(fn, executor.Invocation{Payload: []byte(`{"fail":true}`), Stream: got.begin})
	if res.FunctionError != executor.Unhandled || !strings.HasPrefix(string(res.Payload), `{"errorType":"TypeError","errorMessage":"in the middle"`) {
		t.Errorf("result is %+v: %s", res, res.Payload)
	}
	if !strings.HasSuffix(got.data.String(), "\x00chunk;chunk;") {
		t.Errorf("got %q", got.data.String())
	}
	f.do(fn, executor.Invocation{Payload: []byte(`{}`)})
}
