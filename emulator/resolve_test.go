package emulator

import (
	"strings"
	"testing"
)

func TestZeroConfigResolves(t *testing.T) {
	r, err := Config{}.resolve()
	if err != nil {
		t.Fatal(err)
	}
	if r.Listen != DefaultListen || r.Account != DefaultAccount || r.Region != DefaultRegion ||
		r.Lambda.Executor != ExecutorAuto || r.Lambda.Idle != DefaultLambdaIdle || !r.loopback ||
		r.Log == nil || r.RequestLog == nil || r.Now == nil || r.Traces != DefaultTraces ||
		r.AccountRate != 0 || r.AccountBurst != DefaultAccountBurst {
		t.Errorf("resolved to %+v", r)
	}
}

// A burst means something with a rate only; an account without shows AWS's.
func TestBurstWithoutRate(t *testing.T) {
	for _, burst := range []int{-1, 7} {
		if r, err := (Config{AccountBurst: burst}).resolve(); err != nil || r.AccountBurst != DefaultAccountBurst {
			t.Errorf("a burst of %d: %d, %v", burst, r.AccountBurst, err)
		}
	}
}

func TestLoopback(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:4566": true, "localhost:4566": true, "127.1.2.3:1": true,
		":4566": false, "0.0.0.0:4566": false, "192.168.1.7:4566": false, "postern.test:4566": false,
	} {
		r, err := Config{Listen: listen}.resolve()
		if err != nil || r.loopback != want {
			t.Errorf("%s: loopback %v (%v), want %v", listen, r.loopback, err, want)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	for _, tc := range []struct {
		name   string
		config Config
		want   string
	}{
		{"account without requests", Config{AccountRate: -1}, "let none pass"},
		{"account without a burst", Config{AccountRate: 1, AccountBurst: -1}, "let none pass"},
		{"listen without port", Config{Listen: "localhost"}, `"localhost" is not host:port`},
		{"listen on a port by name", Config{Listen: "localhost:http"}, "no port between"},
		{"listen beyond the ports", Config{Listen: ":70000"}, "no port between"},
		{"account", Config{Account: "1234"}, "twelve digits"},
		{"region", Config{Region: "Europe/Berlin"}, "us-east-1"},
		{"hostname with a port", Config{Hostnames: []string{"postern.test:4566"}}, "DNS name"},
		{"hostname pattern", Config{Hostnames: []string{"*.postern.test"}}, "DNS name"},
		{"upstream without scheme", Config{Upstreams: map[string]string{"sqs": "localhost:9324"}}, "http://host:port"},
		{"upstream at AWS", Config{Upstreams: map[string]string{"sqs": "https://sqs.us-east-1.amazonaws.com"}}, "AWS itself"},
		{"VPC link to a path", Config{VPCLinks: map[string]string{"abc123": "http://localhost:8080/v1"}}, "http://host:port"},
		{"executor", Config{Lambda: LambdaConfig{Executor: "podman"}}, "none of auto, docker, process"},
		{"log format", Config{RequestLogFormat: "xml"}, "none of text, color, json"},
		{"environments", Config{Lambda: LambdaConfig{MaxEnvironments: -1}}, "too few"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.config.resolve()
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}

func TestHostnamesAreLowered(t *testing.T) {
	r, err := Config{Hostnames: []string{"Postern.Test."}}.resolve()
	if err != nil || r.Hostnames[0] != "postern.test" {
		t.Errorf("got %v, %v", r.Hostnames, err)
	}
}

func TestPrivateTarget(t *testing.T) {
	const listener, service = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/a/b/c", "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1"
	r, err := Config{VPCLinks: map[string]string{listener: "http://localhost:1/", service: "http://localhost:2", "link1": "http://localhost:3"}}.resolve()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ arn, link, want string }{
		{listener, "link1", "http://localhost:1"},
		{service + "?stage=beta", "link1", "http://localhost:2"},
		{"arn:other", "link1", "http://localhost:3"},
		{"arn:other", "link2", ""},
	} {
		got, ok := r.privateTarget(tc.arn, tc.link)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s over %s: %q, want %q", tc.arn, tc.link, got, tc.want)
		}
	}
}
