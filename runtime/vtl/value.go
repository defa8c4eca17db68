package vtl

import "iter"

// An Object is a host value with properties and methods, such as $input.
//
// Property and Call answer nil for what the object does not have; templates
// see that as the empty string. Call must not keep args.
type Object interface {
	Property(name string) any
	Call(run *Run, name string, args []any) (any, error)
	// String is what printing the object gives.
	String() string
}

// Map is Java's LinkedHashMap: iteration follows insertion.
type Map struct {
	entries []Entry
	index   map[any]int // built once the map outgrows a linear search
	opaque  bool
	onPut   func(key string)
}

// Entry is one key and value of a Map.
type Entry struct {
	Key   any
	Value any
}

// linearSearchMax is the size up to which scanning beats hashing.
const linearSearchMax = 24

// NewMap returns an empty map with room for size entries.
func NewMap(size int) *Map {
	return &Map{entries: make([]Entry, 0, size)}
}

// Opaque makes the map print as the empty string. $context.identity and the
// override maps behave so.
func (m *Map) Opaque() *Map {
	m.opaque = true
	return m
}

// OnPut has f called for every assignment that a template makes to a key.
func (m *Map) OnPut(f func(key string)) { m.onPut = f }

// Len is the number of entries.
func (m *Map) Len() int { return len(m.entries) }

// All iterates over keys and values in insertion order.
func (m *Map) All() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for _, e := range m.entries {
			if !yield(e.Key, e.Value) {
				return
			}
		}
	}
}

// Get returns the value of key and whether the map has it.
func (m *Map) Get(key any) (any, bool) {
	if i := m.find(mapKey(key)); i >= 0 {
		return m.entries[i].Value, true
	}
	return nil, false
}

// member is Get for a name; nil if there is none.
func (m *Map) member(name string) any {
	if i := m.findName(name); i >= 0 {
		return m.entries[i].Value
	}
	return nil
}

// Put sets key to value and returns the value it replaces.
func (m *Map) Put(key, value any) (old any) {
	key = mapKey(key)
	if m.onPut != nil {
		if name, ok := key.(string); ok {
			m.onPut(name)
		}
	}
	return m.put(key, value)
}

// Set is Put for the map's owner: it is not reported to OnPut.
func (m *Map) Set(key string, value any) *Map {
	m.put(key, value)
	return m
}

func (m *Map) put(key, value any) (old any) {
	if i := m.find(key); i >= 0 {
		old = m.entries[i].Value
		m.entries[i].Value = value
		return old
	}
	m.entries = append(m.entries, Entry{key, value})
	switch {
	case m.index != nil:
		m.index[key] = len(m.entries) - 1
	case len(m.entries) > linearSearchMax:
		m.reindex()
	}
	return nil
}

// Remove deletes key and returns the value it had.
func (m *Map) Remove(key any) any {
	i := m.find(mapKey(key))
	if i < 0 {
		return nil
	}
	old := m.entries[i].Value
	m.entries = append(m.entries[:i], m.entries[i+1:]...)
	if m.index != nil {
		m.reindex()
	}
	return old
}

// Clear removes all entries.
func (m *Map) Clear() { m.entries, m.index = nil, nil }

func (m *Map) find(key any) int {
	if name, ok := key.(string); ok && m.index == nil {
		return m.findName(name)
	}
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range m.entries {
		if m.entries[i].Key == key {
			return i
		}
	}
	return -1
}

// findName is find without making an interface of the name, which would
// allocate.
func (m *Map) findName(name string) int {
	if m.index != nil {
		return m.find(name)
	}
	for i := range m.entries {
		if k, ok := m.entries[i].Key.(string); ok && k == name {
			return i
		}
	}
	return -1
}

func (m *Map) reindex() {
	m.index = make(map[any]int, 2*len(m.entries))
	for i := range m.entries {
		m.index[m.entries[i].Key] = i
	}
}

// mapKey makes a value usable as a Go map key: scalars stay what they are,
// anything else goes by its text.
func mapKey(v any) any {
	switch v.(type) {
	case nil, string, int64, float64, bool:
		return v
	}
	s, err := String(v)
	if err != nil {
		return ""
	}
	return s
}

// List is Java's ArrayList.
type List struct {
	Items []any
	json  bool
}

// NewList returns a list that prints Java's way: [a, b].
func NewList(items ...any) *List { return &List{Items: items} }

// NewJSONList returns a list that prints as compact JSON, as those do that
// come out of a JSON document.
func NewJSONList(items ...any) *List { return &List{Items: items, json: true} }
