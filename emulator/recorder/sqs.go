package recorder

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const sqsNamespace = "http://queue.amazonaws.com/doc/2012-11-05/"

// maxMessage is the size of a message with its attributes.
const maxMessage = 1 << 20

// queue names the queue of a call, by region and path.
func (in *request) queue() (string, *reply) {
	path := in.Path
	if address := in.parameter("QueueUrl"); address != "" {
		u, err := url.Parse(address)
		if err != nil {
			return "", in.refuse("InvalidAddress", "The address "+address+" is not valid for this endpoint.")
		}
		path = u.EscapedPath()
	}
	if strings.Trim(path, "/") == "" {
		return "", in.refuse("MissingParameter", "The request must contain the parameter QueueUrl.")
	}
	return in.Region + "/" + strings.Trim(path, "/"), nil
}

// number reads a parameter between two bounds.
func (in *request) number(name string, otherwise, low, high int, reason string) (int, *reply) {
	text := in.parameter(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, in.refuse("InvalidParameterValue", fmt.Sprintf("Value %s for parameter %s is invalid. Reason: %s", text, name, reason))
	}
	return n, nil
}

// sent is the result of SendMessage.
type sent struct {
	MessageID                    string `xml:"MessageId" json:"MessageId"`
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `xml:",omitempty" json:",omitempty"`
	MD5OfMessageSystemAttributes string `xml:",omitempty" json:",omitempty"`
	SequenceNumber               string `xml:",omitempty" json:",omitempty"`
}

func (in *request) sendMessage() reply {
	queue, bad := in.queue()
	if bad != nil {
		return *bad
	}
	delay, bad := in.number("DelaySeconds", 0, 0, 900, "DelaySeconds must be >= 0 and <= 900.")
	if bad != nil {
		return *bad
	}
	system := in.attributes("MessageSystemAttribute")
	m := &message{
		queue: queue, id: newID(), body: in.parameter("MessageBody"), attributes: in.attributes("MessageAttribute"), trace: system["AWSTraceHeader"].StringValue,
		sender: in.Account, group: in.parameter("MessageGroupId"), token: in.parameter("MessageDeduplicationId"), sent: in.Time,
	}
	if bad := in.badMessage(m, delay); bad != nil {
		return *bad
	}
	if fifo(queue) {
		m.sequence = fmt.Sprintf("%020d", in.serial(in.Time))
		if m.token == "" { // as in a queue with content-based deduplication
			sum := sha256.Sum256([]byte(m.body))
			m.token = hex.EncodeToString(sum[:])
		}
	}
	m = in.queues.send(m, time.Duration(delay)*time.Second)
	return in.queueAnswer(&sent{
		MessageID: m.id, MD5OfMessageBody: digest([]byte(in.parameter("MessageBody"))), MD5OfMessageAttributes: attributesDigest(in.attributes("MessageAttribute")),
		MD5OfMessageSystemAttributes: attributesDigest(system), SequenceNumber: m.sequence,
	})
}

func (in *request) badMessage(m *message, delay int) *reply {
	switch {
	case m.body == "":
		return in.refuse("MissingParameter", "The request must contain the parameter MessageBody.")
	case m.size() > maxMessage:
		return in.refuse("InvalidParameterValue", fmt.Sprintf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxMessage))
	case strings.ContainsFunc(m.body, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff }):
		// unverified against AWS: the text.
		return in.refuse("InvalidMessageContents", "Message contains characters outside the allowed set.")
	case fifo(m.queue) && m.group == "":
		return in.refuse("MissingParameter", "The request must contain the parameter MessageGroupId.")
	case fifo(m.queue) && delay > 0:
		return in.refuse("InvalidParameterValue", fmt.Sprintf("Value %d for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.", delay))
	}
	return nil
}

// received is one message in the result of ReceiveMessage.
type received struct {
	MessageID              string `xml:"MessageId" json:"MessageId"`
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             systemAttributes  `xml:"Attribute" json:",omitempty"`
	MD5OfMessageAttributes string            `xml:",omitempty" json:",omitempty"`
	MessageAttributes      messageAttributes `xml:"MessageAttribute" json:",omitempty"`
}

func (in *request) receiveMessage() reply {
	queue, bad := in.queue()
	if bad != nil {
		return *bad
	}
	n, bad := in.number("MaxNumberOfMessages", 1, 1, 10, "Must be between 1 and 10, if provided.")
	if bad != nil {
		return *bad
	}
	visibility, bad := in.number("VisibilityTimeout", 30, 0, 43200, "Must be >= 0 and <= 43200, if provided.")
	if bad != nil {
		return *bad
	}
	wait, bad := in.number("WaitTimeSeconds", 0, 0, 20, "Must be >= 0 and <= 20, if provided.")
	if bad != nil {
		return *bad
	}
	var result struct {
		Messages []received `xml:"Message" json:",omitempty"`
	}
	system := append(in.list("AttributeName"), in.list("MessageSystemAttributeName")...)
	custom := in.list("MessageAttributeName")
	for _, m := range in.queues.await(in.caller, time.Duration(wait)*time.Second, queue, n, time.Duration(visibility)*time.Second) {
		attributes := chosen(m.attributes, custom)
		result.Messages = append(result.Messages, received{
			MessageID: m.id, ReceiptHandle: receiptHandle(m), MD5OfBody: digest([]byte(m.body)), Body: m.body,
			Attributes: m.system(system), MD5OfMessageAttributes: attributesDigest(attributes), MessageAttributes: sorted(attributes),
		})
	}
	return in.queueAnswer(&result)
}

// system gives the attributes that SQS keeps of a message, of those asked for.
func (m *message) system(names []string) systemAttributes {
	all := map[string]string{
		"SenderId":      m.sender, // unverified against AWS: it is the account here
		"SentTimestamp": strconv.FormatInt(m.sent.UnixMilli(), 10), "ApproximateReceiveCount": strconv.Itoa(m.received),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.firstTime.UnixMilli(), 10),
		"AWSTraceHeader":                   m.trace, "MessageGroupId": m.group, "MessageDeduplicationId": m.token, "SequenceNumber": m.sequence,
	}
	var out systemAttributes
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] != "" && (slices.Contains(names, name) || slices.Contains(names, "All")) {
			out = append(out, systemAttribute{name, all[name]})
		}
	}
	return out
}

func (in *request) deleteMessage() reply {
	queue, bad := in.queue()
	if bad != nil {
		return *bad
	}
	handle := in.parameter("ReceiptHandle")
	if handle == "" {
		return *in.refuse("MissingParameter", "The request must contain the parameter ReceiptHandle.")
	}
	own, id, ok := readHandle(handle)
	switch {
	case !ok:
		return in.fail(http.StatusNotFound, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	case own != queue:
		return in.fail(http.StatusNotFound, "ReceiptHandleIsInvalid", `The receipt handle "`+handle+`" is not valid for this queue.`)
	}
	in.queues.remove(queue, id)
	return in.queueAnswer(nil)
}

func (in *request) purgeQueue() reply {
	queue, bad := in.queue()
	if bad != nil {
		return *bad
	}
	if !in.queues.purge(queue, in.Time) {
		name := queue[strings.LastIndexByte(queue, '/')+1:]
		return in.fail(http.StatusForbidden, "AWS.SimpleQueueService.PurgeQueueInProgress", "Only one PurgeQueue operation on "+name+" is allowed every 60 seconds.")
	}
	return in.queueAnswer(nil)
}

// queueAnswer writes an answer of SQS in the protocol of the call. No result is nil.
func (in *request) queueAnswer(result any) reply {
	if in.form == nil {
		if result == nil {
			result = struct{}{}
		}
		return in.ok(result)
	}
	return queryAnswer(in.Action, sqsNamespace, result)
}

// queryAnswer is an answer of the query protocol.
func queryAnswer(action, namespace string, result any) reply {
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="%s">`, action, namespace)
	if result != nil {
		if err := xml.NewEncoder(&b).EncodeElement(result, xml.StartElement{Name: xml.Name{Local: action + "Result"}}); err != nil {
			return xmlReply(http.StatusInternalServerError, "<ErrorResponse/>")
		}
	}
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", newID(), action)
	return xmlReply(http.StatusOK, strings.ReplaceAll(b.String(), "&#34;", "&quot;")) // as AWS writes it
}
