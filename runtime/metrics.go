package runtime

import (
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// detail tells which requests of a stage are also measured by method or route.
type detail struct {
	all    bool            // where there is no setting of its own
	own    map[string]bool // by route key, or by path and verb
	byVerb bool
}

func detailedMetrics(s *snapshot.Stage) detail {
	switch {
	case s.REST != nil:
		d := detail{all: s.REST.MethodSettings["*/*"].MetricsEnabled, own: map[string]bool{}, byVerb: true}
		for key, ms := range s.REST.MethodSettings {
			d.own[key] = ms.MetricsEnabled
		}
		return d
	case s.HTTP != nil:
		d := detail{all: s.HTTP.Default.DetailedMetrics, own: map[string]bool{}}
		for key, rs := range s.HTTP.RouteSettings {
			d.own[key] = rs.DetailedMetrics
		}
		return d
	}
	return detail{}
}

func (d *detail) wanted(rc *reqcontext.Context) bool {
	if len(d.own) == 0 {
		return d.all
	}
	if !d.byVerb {
		return d.get(rc.RouteKey)
	}
	path := strings.TrimPrefix(rc.ResourcePath, "/") + "/"
	if own, ok := d.own[path+rc.Method]; ok {
		return own
	}
	return d.get(path + "ANY")
}

func (d *detail) get(key string) bool {
	if own, ok := d.own[key]; ok {
		return own
	}
	return d.all
}
