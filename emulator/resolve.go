package emulator

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// resolved is a Config with every default filled in and every value checked.
// Nothing behind Start looks at a Config again.
type resolved struct {
	Config
	loopback  bool                // nobody but this machine can connect
	upstreams map[string]*url.URL // by service; "*" for the rest
}

func (c Config) resolve() (resolved, error) {
	r := resolved{Config: c}
	r.Listen = cmp.Or(c.Listen, DefaultListen)
	r.Account = cmp.Or(c.Account, DefaultAccount)
	r.Region = cmp.Or(c.Region, DefaultRegion)
	if r.AccountBurst = cmp.Or(c.AccountBurst, DefaultAccountBurst); r.AccountRate == 0 {
		r.AccountBurst = DefaultAccountBurst // shown; none is held to it
	}
	r.IAM = cmp.Or(c.IAM, IAMLenient)
	r.RequestLogFormat = cmp.Or(c.RequestLogFormat, LogText)
	r.Traces = max(0, cmp.Or(c.Traces, DefaultTraces))
	r.Lambda.Executor = cmp.Or(c.Lambda.Executor, ExecutorAuto)
	r.Lambda.Idle = cmp.Or(c.Lambda.Idle, DefaultLambdaIdle)
	r.Lambda.MaxEnvironments = cmp.Or(c.Lambda.MaxEnvironments, DefaultMaxEnvironments)
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.RequestLog == nil {
		r.RequestLog = io.Discard
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	for _, check := range []func() error{
		r.checkListen, r.checkIdentity, r.checkHostnames, r.checkUpstreams, r.checkVPCLinks, r.checkVPCEndpoints, r.checkChoices,
	} {
		if err := check(); err != nil {
			return resolved{}, err
		}
	}
	return r, nil
}

func (r *resolved) checkListen() error {
	host, port, err := net.SplitHostPort(r.Listen)
	if err != nil {
		return fmt.Errorf("listen address %q is not host:port", r.Listen)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("listen address %q has no port between 0 and 65535", r.Listen)
	}
	ip, err := netip.ParseAddr(host)
	r.loopback = host == "localhost" || err == nil && ip.IsLoopback()
	return nil
}

func (r *resolved) checkIdentity() error {
	if len(r.Account) != 12 || strings.Trim(r.Account, "0123456789") != "" {
		return fmt.Errorf("account %q is not twelve digits", r.Account)
	}
	if strings.Trim(r.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("region %q is not like us-east-1", r.Region)
	}
	return nil
}

func (r *resolved) checkHostnames() error {
	names := make([]string, len(r.Hostnames))
	for i, name := range r.Hostnames {
		names[i] = strings.ToLower(strings.TrimSuffix(name, "."))
		if name == "" || strings.ContainsAny(name, ":/ *") {
			return fmt.Errorf("hostname %q is not a DNS name without a port", name)
		}
	}
	r.Hostnames = names
	return nil
}

func (r *resolved) checkUpstreams() error {
	r.upstreams = make(map[string]*url.URL, len(r.Upstreams))
	for _, service := range slices.Sorted(maps.Keys(r.Upstreams)) {
		base := r.Upstreams[service]
		u, err := url.Parse(base)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" {
			return fmt.Errorf("upstream %q of %s is not like http://host:port", base, service)
		}
		// Requests are passed on as signed for Postern, which AWS would refuse;
		// and nobody should reach a real account from here by mistake.
		if host := strings.ToLower(u.Hostname()); strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") {
			return fmt.Errorf("upstream %q of %s is AWS itself, which requests are never passed on to", base, service)
		}
		r.upstreams[service] = u
	}
	return nil
}

func (r *resolved) checkVPCLinks() error {
	for _, link := range slices.Sorted(maps.Keys(r.VPCLinks)) {
		base := r.VPCLinks[link]
		u, err := url.Parse(base)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return fmt.Errorf("VPC link target %q of %s is not like http://host:port", base, link)
		}
	}
	return nil
}

func (r *resolved) checkVPCEndpoints() error {
	for _, endpoint := range slices.Sorted(maps.Keys(r.VPCEndpoints)) {
		if vpc := r.VPCEndpoints[endpoint]; !strings.HasPrefix(endpoint, "vpce-") || !strings.HasPrefix(vpc, "vpc-") {
			return fmt.Errorf("VPC %q of endpoint %s is not like vpce-0a1b2c3d=vpc-0a1b2c3d", vpc, endpoint)
		}
	}
	return nil
}

// privateTarget finds where a private integration leads: by the ARN that it names,
// else by its VPC link.
func (r *resolved) privateTarget(arn, link string) (baseURL string, ok bool) {
	arn, _, _ = strings.Cut(arn, "?") // a Cloud Map ARN may carry a filter
	for _, name := range []string{arn, link} {
		if base, ok := r.VPCLinks[name]; ok && name != "" {
			return strings.TrimSuffix(base, "/"), true
		}
	}
	return "", false
}

func (r *resolved) checkChoices() error {
	for _, choice := range []struct {
		name, value string
		of          []string
	}{
		{"executor", r.Lambda.Executor, []string{ExecutorAuto, ExecutorDocker, ExecutorProcess}},
		{"IAM mode", r.IAM, []string{IAMLenient, IAMStrict}},
		{"request log format", r.RequestLogFormat, []string{LogText, LogColor, LogJSON}},
	} {
		if !slices.Contains(choice.of, choice.value) {
			return fmt.Errorf("%s %q is none of %s", choice.name, choice.value, strings.Join(choice.of, ", "))
		}
	}
	if !(r.AccountRate >= 0) || r.AccountBurst < 1 { // NaN is no rate either
		return fmt.Errorf("an account's %v requests a second, %d at once, let none pass", r.AccountRate, r.AccountBurst)
	}
	if r.Lambda.MaxEnvironments < 1 {
		return fmt.Errorf("at most %d environments are too few to run a function", r.Lambda.MaxEnvironments)
	}
	return nil
}
