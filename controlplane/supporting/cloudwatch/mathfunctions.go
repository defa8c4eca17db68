package cloudwatch

import "math"

// call finds a function of metric math.
func (p *mathParser) call(name string, args []mathNode) (mathNode, error) {
	eval := func(e *evaluation) ([]mathValue, error) {
		v, err := collect(args)(e)
		return v.list, err
	}
	switch name {
	case "METRICS":
		if len(args) == 0 {
			return allMetrics, nil
		}
	case "SUM", "MIN", "MAX", "AVG":
		if len(args) == 1 {
			return func(e *evaluation) (mathValue, error) {
				v, err := eval(e)
				if err != nil {
					return mathValue{}, err
				}
				return aggregate(name, v[0]), nil
			}, nil
		}
	case "ABS", "CEIL", "FLOOR":
		fn := map[string]func(float64) float64{"ABS": math.Abs, "CEIL": math.Ceil, "FLOOR": math.Floor}[name]
		if len(args) == 1 {
			return func(e *evaluation) (mathValue, error) {
				v, err := eval(e)
				if err != nil {
					return mathValue{}, err
				}
				return v[0].combine(mathValue{}, func(a, _ float64) float64 { return fn(a) })
			}, nil
		}
	case "FILL":
		if len(args) == 2 {
			return func(e *evaluation) (mathValue, error) {
				v, err := eval(e)
				if err != nil {
					return mathValue{}, err
				}
				return v[0].fill(e, v[1].scalar), nil
			}, nil
		}
	}
	return nil, notComputed(p.text, "the function "+name+" with these arguments")
}

// allMetrics is METRICS(): every query that is a metric.
func allMetrics(e *evaluation) (mathValue, error) {
	out := mathValue{isList: true}
	for i := range e.in.MetricDataQueries {
		if q := &e.in.MetricDataQueries[i]; q.MetricStat != nil {
			a, err := e.answer(q)
			if err != nil {
				return out, err
			}
			out.list = append(out.list, mathValue{points: a.points, period: a.period})
		}
	}
	return out, nil
}

// aggregate makes one series of several, or one number of a series.
func aggregate(name string, v mathValue) mathValue {
	if !v.isList {
		if v.points == nil {
			return v
		}
		all := &bucket{}
		for _, n := range v.points {
			all.addSet(1, n, n, n)
		}
		return mathValue{scalar: all.reduce(name)}
	}
	merged, period := map[int64]*bucket{}, int64(0)
	for _, item := range v.list {
		period = max(period, item.period)
		for at, n := range item.points {
			if merged[at] == nil {
				merged[at] = &bucket{}
			}
			merged[at].addSet(1, n, n, n)
		}
	}
	out := mathValue{points: make(map[int64]float64, len(merged)), period: period}
	for at, b := range merged {
		out.points[at] = b.reduce(name)
	}
	return out
}

func (b *bucket) reduce(name string) float64 {
	switch {
	case name == "SUM":
		return b.sum
	case name == "MIN":
		return b.min
	case name == "MAX":
		return b.max
	case b.count == 0:
		return 0
	}
	return b.sum / b.count
}

// fill gives every period of the asked time a value.
func (v mathValue) fill(e *evaluation, with float64) mathValue {
	if v.points == nil || v.period == 0 {
		return v
	}
	out := mathValue{points: map[int64]float64{}, period: v.period}
	end := e.in.EndTime.Unix()
	for at := floor(e.in.StartTime.Unix(), v.period); at < end && len(out.points) < maxDataDatapoints; at += v.period {
		out.points[at] = with
		if n, ok := v.points[at]; ok {
			out.points[at] = n
		}
	}
	return out
}
