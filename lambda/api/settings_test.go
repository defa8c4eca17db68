package api_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/api"
	"github.com/postern/postern/lambda/lambdatest"
)

// TestUnenforced: what is not acted on is logged once, and refused with Strict.
func TestUnenforced(t *testing.T) {
	for member, value := range map[string]string{
		"VpcConfig":         `{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"]}`,
		"KMSKeyArn":         `"arn:aws:kms:us-east-1:000000000000:key/k"`,
		"FileSystemConfigs": `[{"Arn":"arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-00000000000000000","LocalMountPath":"/mnt/x"}]`,
		"SnapStart":         `{"ApplyOn":"PublishedVersions"}`,
		"TracingConfig":     `{"Mode":"Active"}`,
		"DeadLetterConfig":  `{"TargetArn":"arn:aws:sqs:us-east-1:000000000000:q"}`,
	} {
		t.Run(member, func(t *testing.T) {
			for _, strict := range []bool{false, true} {
				var log bytes.Buffer
				service := lambdatest.NewService(t, &lambdatest.Executor{Handlers: handlers()}, lambda.Config{})
				a := api.New(api.Config{Service: service, Logger: slog.New(slog.NewTextHandler(&log, nil)), Strict: strict})
				body := `{"FunctionName":"fn","Role":"` + role + `","Handler":"index.handler","Runtime":"python3.12","Code":` + codeJSON(t, "x") + `,"` + member + `":` + value + `}`
				w := httptest.NewRecorder()
				a.ServeHTTP(w, httptest.NewRequest("POST", "/2015-03-31/functions", strings.NewReader(body)))
				if strict {
					if w.Code != 501 || !strings.Contains(w.Body.String(), member+" of CreateFunction: ") {
						t.Errorf("strict: got %d %s", w.Code, w.Body)
					}
					continue
				}
				if w.Code != 201 || strings.Count(log.String(), "member="+member) != 1 {
					t.Errorf("got %d %s, log %s", w.Code, w.Body, &log)
				}
			}
		})
	}
}
