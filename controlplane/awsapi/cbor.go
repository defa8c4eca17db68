package awsapi

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"time"
	"unicode/utf8"
)

// Smithy's rpc-v2-cbor needs a small part of RFC 8949: no bignums, simple values
// only false, true, null and undefined, one tag (1, epoch time).

var errCBOR = errors.New("body is not well-formed CBOR")

const cborMaxDepth = 64

// decodeCBOR turns a body into the same tree that JSON decodes to.
func decodeCBOR(b []byte) (any, error) {
	d := cborDecoder{b: b}
	v, err := d.item(0)
	if err != nil {
		return nil, err
	}
	if _, end := v.(cborBreak); end || len(d.b) != 0 {
		return nil, errCBOR
	}
	return v, nil
}

type cborDecoder struct{ b []byte }

type cborBreak struct{}

func (d *cborDecoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.b)) {
		return nil, errCBOR
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out, nil
}

// head reads an item's major type and argument; info 31 is the indefinite length.
func (d *cborDecoder) head() (major, info byte, arg uint64, err error) {
	first, err := d.take(1)
	if err != nil {
		return 0, 0, 0, err
	}
	major, info = first[0]>>5, first[0]&31
	switch {
	case info < 24:
		return major, info, uint64(info), nil
	case info <= 27:
		raw, err := d.take(1 << (info - 24))
		if err != nil {
			return 0, 0, 0, err
		}
		var wide [8]byte
		copy(wide[8-len(raw):], raw)
		return major, info, binary.BigEndian.Uint64(wide[:]), nil
	case info == 31 && major >= 2 && major != 6:
		return major, info, 0, nil
	}
	return 0, 0, 0, errCBOR
}

func (d *cborDecoder) item(depth int) (any, error) {
	if depth > cborMaxDepth {
		return nil, errCBOR
	}
	major, info, arg, err := d.head()
	if err != nil {
		return nil, err
	}
	switch major {
	case 0:
		return arg, nil
	case 1:
		if arg > math.MaxInt64 {
			return nil, errCBOR
		}
		return -1 - int64(arg), nil
	case 2, 3:
		return d.text(major, info, arg, depth)
	case 4:
		return d.list(info, arg, depth)
	case 5:
		return d.dict(info, arg, depth)
	case 6:
		v, err := d.item(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, end := v.(cborBreak); end {
			return nil, errCBOR
		}
		if arg != 1 {
			return v, nil
		}
		t, ok := parseTime(v)
		if !ok {
			return nil, errCBOR
		}
		return t, nil
	}
	return simple(info, arg)
}

func simple(info byte, arg uint64) (any, error) {
	switch info {
	case 20, 21:
		return info == 21, nil
	case 22, 23:
		return nil, nil
	case 25:
		return float16(uint16(arg)), nil
	case 26:
		return float64(math.Float32frombits(uint32(arg))), nil
	case 27:
		return math.Float64frombits(arg), nil
	case 31:
		return cborBreak{}, nil
	}
	return nil, errCBOR
}

func float16(h uint16) float64 {
	sign, exp, frac := h>>15, int(h>>10&31), float64(h&1023)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 31:
		f = math.Inf(1)
		if frac != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(1+frac/1024, exp-15)
	}
	if sign == 1 {
		f = -f
	}
	return f
}

func (d *cborDecoder) text(major, info byte, n uint64, depth int) (any, error) {
	var out []byte
	if info != 31 {
		raw, err := d.take(n)
		if err != nil {
			return nil, err
		}
		out = raw
	} else {
		for {
			part, err := d.item(depth + 1)
			if err != nil {
				return nil, err
			}
			if _, end := part.(cborBreak); end {
				break
			}
			switch p := part.(type) {
			case string:
				out = append(out, p...)
			case []byte:
				out = append(out, p...)
			default:
				return nil, errCBOR
			}
		}
	}
	if major == 2 {
		return out, nil
	}
	if !utf8.Valid(out) {
		return nil, errCBOR
	}
	return string(out), nil
}

func (d *cborDecoder) list(info byte, n uint64, depth int) (any, error) {
	out := []any{}
	for i := uint64(0); info == 31 || i < n; i++ {
		v, err := d.item(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, end := v.(cborBreak); end {
			if info != 31 {
				return nil, errCBOR
			}
			break
		}
		out = append(out, v)
	}
	return out, nil
}

func (d *cborDecoder) dict(info byte, n uint64, depth int) (any, error) {
	out := map[string]any{}
	for i := uint64(0); info == 31 || i < n; i++ {
		k, err := d.item(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, end := k.(cborBreak); end {
			if info != 31 {
				return nil, errCBOR
			}
			break
		}
		key, ok := k.(string)
		if !ok {
			return nil, errCBOR
		}
		v, err := d.item(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, end := v.(cborBreak); end {
			return nil, errCBOR
		}
		out[key] = v
	}
	return out, nil
}

func cborHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major<<5|byte(n))
	case n <= math.MaxUint8:
		return append(b, major<<5|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major<<5|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major<<5|27), n)
}

func cborText(b []byte, s string) []byte { return append(cborHead(b, 3, uint64(len(s))), s...) }

func cborFloat(b []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 7<<5|27), math.Float64bits(f))
}

// appendCBOR encodes v; structures leave absent members out.
func appendCBOR(b []byte, sh *Shape, v reflect.Value) []byte {
	switch sh.Type {
	case Structure:
		b = append(b, 5<<5|31)
		for i := range sh.Members {
			if f := v.Field(i); !isNil(f) {
				b = appendCBOR(cborText(b, sh.Members[i].Wire), sh.Members[i].Shape, deref(f))
			}
		}
		return append(b, 0xff)
	case List:
		b = cborHead(b, 4, uint64(v.Len()))
		for i := range v.Len() {
			b = appendCBOR(b, sh.Elem, v.Index(i))
		}
		return b
	case Map:
		b = cborHead(b, 5, uint64(v.Len()))
		for _, k := range sortedKeys(v) {
			b = appendCBOR(cborText(b, k), sh.Elem, v.MapIndex(reflect.ValueOf(k)))
		}
		return b
	case Blob:
		return append(cborHead(b, 2, uint64(v.Len())), v.Bytes()...)
	case Boolean:
		if v.Bool() {
			return append(b, 7<<5|21)
		}
		return append(b, 7<<5|20)
	case Integer, Long:
		if n := v.Int(); n < 0 {
			return cborHead(b, 1, uint64(-1-n))
		}
		return cborHead(b, 0, uint64(v.Int()))
	case Float:
		return cborFloat(b, v.Float())
	case Timestamp:
		t := v.Interface().(time.Time)
		return cborFloat(append(b, 6<<5|1), float64(t.UnixMilli())/1000)
	case Document, EventStream:
		return append(b, 7<<5|22)
	}
	return cborText(b, v.String())
}
