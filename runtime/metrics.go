package runtime

import (
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// detail tells which requests of a stage are also measured by method or route.
type detail struct {
	all    bool             // where there is no setting of its own
	own    map[measure]bool // settings that say otherwise, or the same
	byVerb bool
}

// measure is what settings are for: a route, or a path without its first slash and the
// verb of a method.
type measure struct{ route, verb string }

func detailedMetrics(s *snapshot.Stage) detail {
	d := detail{own: map[measure]bool{}}
	switch {
	case s.REST != nil:
		d.byVerb = true
		for key, ms := range s.REST.MethodSettings {
			if key == "*/*" {
				d.all = ms.MetricsEnabled
				continue
			}
			at := max(strings.LastIndexByte(key, '/'), 0)
			d.own[measure{key[:at], strings.TrimPrefix(key[at:], "/")}] = ms.MetricsEnabled
		}
	case s.HTTP != nil:
		d.all = s.HTTP.Default.DetailedMetrics
		for key, rs := range s.HTTP.RouteSettings {
			d.own[measure{route: key}] = rs.DetailedMetrics
		}
	}
	return d
}

func (d *detail) wanted(rc *reqcontext.Context) bool {
	switch {
	case len(d.own) == 0:
		return d.all
	case !d.byVerb:
		return d.get(measure{route: rc.RouteKey})
	}
	path := strings.TrimPrefix(rc.ResourcePath, "/")
	if own, ok := d.own[measure{path, rc.Method}]; ok {
		return own
	}
	return d.get(measure{path, "ANY"})
}

func (d *detail) get(m measure) bool {
	if own, ok := d.own[m]; ok {
		return own
	}
	return d.all
}
