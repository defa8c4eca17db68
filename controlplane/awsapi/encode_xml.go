package awsapi

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"reflect"
	"strconv"
	"time"
)

// appendXML writes v as the element <name> of the query protocol: lists as
// <member> elements, maps as <entry><key/><value/></entry>.
func appendXML(b *bytes.Buffer, name string, sh *Shape, v reflect.Value) {
	b.WriteByte('<')
	b.WriteString(name)
	b.WriteByte('>')
	appendXMLContent(b, sh, v)
	b.WriteString("</")
	b.WriteString(name)
	b.WriteByte('>')
}

func appendXMLContent(b *bytes.Buffer, sh *Shape, v reflect.Value) {
	switch sh.Type {
	case Structure:
		for i := range sh.Members {
			if f := v.Field(i); !isNil(f) {
				appendXML(b, sh.Members[i].Wire, sh.Members[i].Shape, deref(f))
			}
		}
	case List:
		for i := range v.Len() {
			appendXML(b, "member", sh.Elem, v.Index(i))
		}
	case Map:
		for _, k := range sortedKeys(v) {
			b.WriteString("<entry>")
			appendXML(b, "key", sh.Key, reflect.ValueOf(k))
			appendXML(b, "value", sh.Elem, v.MapIndex(reflect.ValueOf(k)))
			b.WriteString("</entry>")
		}
	case Boolean:
		b.WriteString(strconv.FormatBool(v.Bool()))
	case Integer, Long:
		b.WriteString(strconv.FormatInt(v.Int(), 10))
	case Float:
		b.WriteString(strconv.FormatFloat(v.Float(), 'f', -1, 64))
	case Blob:
		b.WriteString(base64.StdEncoding.EncodeToString(v.Bytes()))
	case Timestamp:
		b.WriteString(v.Interface().(time.Time).UTC().Format("2006-01-02T15:04:05Z"))
	default:
		// xml.EscapeText cannot fail on a bytes.Buffer.
		_ = xml.EscapeText(b, []byte(v.String()))
	}
}
