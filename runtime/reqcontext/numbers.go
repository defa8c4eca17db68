package reqcontext

import (
	"cmp"
	"strconv"
	"time"
)

// number gives the value of a variable that is one, or false where it has none.
type number func(*Context) (n int64, ok bool)

func (get number) text(c *Context) (string, bool) {
	n, ok := get(c)
	if !ok {
		return "", false
	}
	return strconv.FormatInt(n, 10), true
}

func (get number) append(b []byte, c *Context) []byte {
	if n, ok := get(c); ok {
		return strconv.AppendInt(b, n, 10)
	}
	return b
}

// Appender finds what writes a $context variable whose text has to be made: a number
// or a time. It appends plain characters, or nothing where the variable has no value.
// ok is false for the other variables, whose text Variable finds ready.
func Appender(name string) (appendTo func(b []byte, c *Context) []byte, ok bool) {
	if n, ok := numbers[name]; ok {
		return n.append, true
	}
	if name == "requestTime" {
		return func(b []byte, c *Context) []byte { return appendCLFTime(b, c.Start) }, true
	}
	return nil, false
}

// CLFTime is how AWS writes a request's time: 12/Mar/2020:19:03:58 +0000.
const CLFTime = "02/Jan/2006:15:04:05 -0700"

// appendCLFTime writes t in UTC as CLFTime, without a look at the layout: each line of
// an access log has one.
func appendCLFTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 1000 || year > 9999 {
		return t.AppendFormat(b, CLFTime)
	}
	hour, minute, second := t.Clock()
	b = append(twoDigits(b, day), '/')
	b = append(append(b, month.String()[:3]...), '/')
	b = append(twoDigits(twoDigits(b, year/100), year%100), ':')
	b = append(twoDigits(b, hour), ':')
	b = append(twoDigits(b, minute), ':')
	return append(twoDigits(b, second), " +0000"...)
}

func twoDigits(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

var numbers = map[string]number{
	"dataProcessed":                 func(c *Context) (int64, bool) { return c.BodySize + c.ResponseLength, true },
	"requestTimeEpoch":              func(c *Context) (int64, bool) { return c.Start.UnixMilli(), true },
	"responseLatency":               func(c *Context) (int64, bool) { return c.Latency.Milliseconds(), true },
	"responseLength":                func(c *Context) (int64, bool) { return c.ResponseLength, true },
	"status":                        func(c *Context) (int64, bool) { return whenSet(c.Status) },
	"authorizer.status":             func(c *Context) (int64, bool) { return whenSet(c.Authorizer.Status) },
	"authorizer.integrationStatus":  func(c *Context) (int64, bool) { return whenSet(c.Authorizer.Status) },
	"authorizer.latency":            authorizerLatency,
	"authorizer.integrationLatency": authorizerLatency,
	"authenticate.status":           func(c *Context) (int64, bool) { return whenSet(c.authenticated().status) },
	"authenticate.latency": func(c *Context) (int64, bool) {
		return c.Authorizer.Latency.Milliseconds(), c.authenticated() != step{}
	},
	"authorize.latency":              func(c *Context) (int64, bool) { return c.Authorizer.Latency.Milliseconds(), c.authorized() != step{} },
	"authorize.status":               func(c *Context) (int64, bool) { return whenSet(c.authorized().status) },
	"integration.integrationStatus":  integrationStatus,
	"integration.latency":            integrationLatency,
	"integration.status":             func(c *Context) (int64, bool) { return whenSet(c.Integration.Status) },
	"integration.timeToAllHeaders":   func(c *Context) (int64, bool) { return whenStreamed(c, c.Integration.TimeToHeaders) },
	"integration.timeToFirstContent": func(c *Context) (int64, bool) { return whenStreamed(c, c.Integration.TimeToContent) },
	"integrationLatency":             integrationLatency,
	"integrationStatus":              integrationStatus,
}

func authorizerLatency(c *Context) (int64, bool) {
	return c.Authorizer.Latency.Milliseconds(), c.Authorizer.Kind != NoAuthorizer
}

func integrationLatency(c *Context) (int64, bool) {
	return c.Integration.Latency.Milliseconds(), c.Integration.Called
}

// integrationStatus is the Lambda service's own status, and that of the backend where
// there is no such service between.
func integrationStatus(c *Context) (int64, bool) {
	return whenSet(cmp.Or(c.Integration.ServiceStatus, c.Integration.Status))
}

func whenStreamed(c *Context, d time.Duration) (int64, bool) {
	return d.Milliseconds(), c.Integration.Streamed
}

func whenSet(n int) (int64, bool) { return int64(n), n != 0 }
