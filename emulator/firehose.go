package emulator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// firehoseTime bounds one call of the Firehose upstream.
const firehoseTime = 5 * time.Second

// firehose sends access log lines to an upstream for Firehose.
type firehose struct {
	e    *Emulator
	base *url.URL
}

// put sends lines to a delivery stream; a failure is logged and the lines are lost,
// as AWS would lose them.
func (f firehose) put(account, region, stream string, lines []string) {
	ctx, cancel := context.WithTimeout(context.Background(), firehoseTime)
	defer cancel()
	if err := f.call(ctx, account, region, stream, lines); err != nil {
		f.e.log.Warn("access log lines are lost", "stream", stream, "lines", len(lines), "err", err)
	}
}

func (f firehose) call(ctx context.Context, account, region, stream string, lines []string) error {
	type record struct{ Data []byte }
	in := struct {
		DeliveryStreamName string
		Records            []record
	}{DeliveryStreamName: stream}
	for _, line := range lines {
		in.Records = append(in.Records, record{[]byte(line + "\n")}) // AWS ends each line so
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.base.JoinPath("/").String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Firehose_20150804.PutRecordBatch")
	// The upstream may tell account and region by the signature's scope.
	sum := sha256.Sum256(body)
	err = v4.NewSigner().SignHTTP(ctx, aws.Credentials{AccessKeyID: account, SecretAccessKey: wellKnownSecret}, req, hex.EncodeToString(sum[:]), "firehose", region, f.e.clock.Now())
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}
