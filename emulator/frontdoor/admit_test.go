package frontdoor_test

import (
	"strings"
	"testing"
)

func TestAdmit(t *testing.T) {
	for _, tc := range []struct {
		name    string
		url     string
		headers []string
		refused string // a part of the reason; "" for admitted
	}{
		{"cli", "localhost:4566/restapis", nil, ""},
		{"ip", "192.168.1.7:4566/restapis", nil, ""},
		{"ipv6", "[::1]:4566/restapis", nil, ""},
		{"container's name", "postern:4566/restapis", nil, ""},
		{"docker's host name", "host.docker.internal:4566/restapis", nil, ""},
		{"redirected aws name", "lambda.us-east-1.amazonaws.com/2015-03-31/functions", nil, ""},
		{"configured name", "postern.example.org/restapis", nil, ""},
		{"rebound name", "evil.example.net:4566/restapis", nil, "--hostname evil.example.net"},
		{"rebound name, own pages", "evil.example.net:4566/_postern/reset", nil, "--hostname"},
		{"rebound name, signed", "evil.example.net:4566/restapis", []string{scope("apigateway")}, "--hostname"},
		{"no host", "/restapis", nil, "--hostname"},
		{"page of this machine", "localhost:4566/restapis", []string{"Origin: http://localhost:3000"}, ""},
		{"page of a local name", "localhost:4566/restapis", []string{"Origin: https://app.localhost"}, ""},
		{"page of a loopback address", "localhost:4566/restapis", []string{"Origin: http://127.0.0.1:5173"}, ""},
		{"page of the same address", "192.168.1.7:4566/restapis", []string{"Origin: http://192.168.1.7:4566"}, ""},
		{"page of a neighbour", "localhost:4566/restapis", []string{"Origin: http://192.168.1.9"}, "http://192.168.1.9"},
		{"foreign page", "localhost:4566/restapis", []string{"Origin: https://evil.example.net"}, "https://evil.example.net"},
		{"foreign page, own pages", "POST localhost:4566/_postern/reset", []string{"Origin: https://evil.example.net"}, "https://evil.example.net"},
		{"somebody's bucket", "localhost:4566/restapis", []string{"Origin: https://evil.s3.amazonaws.com"}, "evil.s3"},
		{"sandboxed frame", "localhost:4566/restapis", []string{"Origin: null"}, "null"},
		{"image of a foreign page", "localhost:4566/?Action=DeleteRole&Version=2010-05-08", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}, "other sites"},
		{"link to a call", "localhost:4566/?Action=DeleteRole&Version=2010-05-08", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, "other sites"},
		{"link to the console", "localhost:4566/_postern/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, ""},
		{"frame around the console", "localhost:4566/_postern/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, "other sites"},
		{"api of a foreign page", "abc.execute-api.localhost/prod", []string{"Origin: https://evil.example.net"}, ""},
		{"custom domain", "api.example.com/v1", []string{"Origin: https://shop.example.com"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDoor()
			r := row{url: tc.url, headers: tc.headers}.request()
			target := d.Classify(r)
			err := d.Admit(&target, r)
			switch {
			case tc.refused == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.refused != "" && (err == nil || !strings.Contains(err.Error(), tc.refused)):
				t.Errorf("got %v, want a refusal with %q", err, tc.refused)
			}
		})
	}
}
