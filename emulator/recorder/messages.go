package recorder

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// attribute is a message's attribute.
type attribute struct {
	DataType    string
	StringValue string
	BinaryValue []byte
}

// message is what SendMessage is given, in either protocol.
type message struct {
	queue, body string
	attributes  map[string]attribute
}

func (in *request) message() message {
	m := message{attributes: map[string]attribute{}}
	if in.form != nil {
		if m.queue = in.form.Get("QueueUrl"); m.queue == "" {
			m.queue = in.Path
		}
		m.body = in.form.Get("MessageBody")
		for i := 1; ; i++ {
			prefix := fmt.Sprintf("MessageAttribute.%d.", i)
			name := in.form.Get(prefix + "Name")
			if name == "" {
				return m
			}
			// What is no base64 has no bytes.
			binaryValue, _ := base64.StdEncoding.DecodeString(in.form.Get(prefix + "Value.BinaryValue"))
			m.attributes[name] = attribute{in.form.Get(prefix + "Value.DataType"), in.form.Get(prefix + "Value.StringValue"), binaryValue}
		}
	}
	m.queue, m.body = in.text("QueueUrl"), in.text("MessageBody")
	list, _ := in.json["MessageAttributes"].(map[string]any)
	for name, v := range list {
		members, _ := v.(map[string]any)
		a := attribute{}
		a.DataType, _ = members["DataType"].(string)
		a.StringValue, _ = members["StringValue"].(string)
		if text, ok := members["BinaryValue"].(string); ok {
			a.BinaryValue, _ = base64.StdEncoding.DecodeString(text)
		}
		m.attributes[name] = a
	}
	return m
}

func (in *request) sendMessage() reply {
	m := in.message()
	if m.body == "" {
		return in.fail(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter MessageBody.")
	}
	out := []member{{"MessageId", newID()}, {"MD5OfMessageBody", digest([]byte(m.body))}}
	if len(m.attributes) > 0 {
		out = append(out, member{"MD5OfMessageAttributes", attributesDigest(m.attributes)})
	}
	if strings.HasSuffix(m.queue, ".fifo") {
		out = append(out, member{"SequenceNumber", fmt.Sprintf("%020d", in.Time.UnixNano())})
	}
	return in.queueAnswer(out)
}

// receiveMessage finds no message: the queue is not there.
func (in *request) receiveMessage() reply { return in.queueAnswer([]member{}) }

// emptyQueueAnswer is that of actions without a result.
func (in *request) emptyQueueAnswer() reply { return in.queueAnswer(nil) }

// member is one member of a result, in its order.
type member struct{ name, value string }

// queueAnswer writes the answer of SQS. No result is nil.
func (in *request) queueAnswer(result []member) reply {
	if in.form == nil {
		body := map[string]any{}
		for _, m := range result {
			body[m.name] = m.value
		}
		return in.ok(body)
	}
	return xmlReply(http.StatusOK, queryAnswer(in.Action, "http://queue.amazonaws.com/doc/2012-11-05/", result))
}

func (in *request) publish() reply {
	result := []member{{"MessageId", newID()}}
	if in.form == nil {
		return in.ok(map[string]any{"MessageId": result[0].value})
	}
	return xmlReply(http.StatusOK, queryAnswer(in.Action, "http://sns.amazonaws.com/doc/2010-03-31/", result))
}

func queryAnswer(action, namespace string, result []member) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="%s">`, action, namespace)
	switch {
	case result == nil:
	case len(result) == 0:
		fmt.Fprintf(&b, "<%sResult/>", action)
	default:
		fmt.Fprintf(&b, "<%sResult>", action)
		for _, m := range result {
			fmt.Fprintf(&b, "<%[1]s>%[2]s</%[1]s>", m.name, escape(m.value))
		}
		fmt.Fprintf(&b, "</%sResult>", action)
	}
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", newID(), action)
	return b.String()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

func digest(b []byte) string {
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

// attributesDigest is SQS's documented digest of message attributes: of each, in the
// order of the names, name, type and value, each behind its length.
func attributesDigest(all map[string]attribute) string {
	var b []byte
	add := func(v []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		add([]byte(name))
		add([]byte(a.DataType))
		if strings.HasPrefix(a.DataType, "Binary") {
			b = append(b, 2)
			add(a.BinaryValue)
			continue
		}
		b = append(b, 1)
		add([]byte(a.StringValue))
	}
	return digest(b)
}
