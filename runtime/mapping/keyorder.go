package mapping

import "github.com/postern/postern/runtime/vtl"

// keyOrder is an order of well-known keys.
type keyOrder struct {
	keys []any // strings, in the form that vtl.Map keeps
	rank map[string]int
}

func newKeyOrder(names ...string) *keyOrder {
	o := &keyOrder{rank: make(map[string]int, len(names))}
	for i, name := range names {
		o.keys = append(o.keys, name)
		o.rank[name] = i
	}
	return o
}

// maxOrderedKeys is the length of the longest order there is.
const maxOrderedKeys = 18

// makeMap makes a map of facts, the well-known ones first and in order. With
// complete all well-known keys are there, null where no fact names them.
func (o *keyOrder) makeMap(complete bool, lists ...[]Fact) *vtl.Map {
	var place [maxOrderedKeys]*Fact
	size := 0
	for _, facts := range lists {
		size += len(facts)
		for i := range facts {
			if rank, ok := o.rank[facts[i].Name]; ok {
				place[rank] = &facts[i]
			}
		}
	}
	if complete {
		size += len(o.keys)
	}
	m := vtl.NewMap(size)
	for rank, key := range o.keys {
		if f := place[rank]; f != nil {
			m.Put(key, factValue(*f))
		} else if complete {
			m.Put(key, nil)
		}
	}
	for _, facts := range lists {
		for _, f := range facts {
			if _, ok := o.rank[f.Name]; !ok {
				m.Set(f.Name, factValue(f))
			}
		}
	}
	return m
}

// factValue makes a map of a fact with members. AWS: such a map prints as the
// empty string, and what is unknown of the identity is listed all the same.
func factValue(f Fact) any {
	members, ok := f.Value.([]Fact)
	if !ok {
		return f.Value
	}
	if f.Name == "identity" {
		return identityOrder.makeMap(true, members).Opaque()
	}
	m := vtl.NewMap(len(members))
	for _, member := range members {
		m.Set(member.Name, factValue(member))
	}
	return m.Opaque()
}
