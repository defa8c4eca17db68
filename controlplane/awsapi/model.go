package awsapi

// Type is the kind of a shape in AWS's service models.
type Type uint8

// The shape kinds. Document is a free JSON value; EventStream members are never bound.
const (
	Structure Type = iota
	List
	Map
	String
	Integer
	Long
	Float
	Boolean
	Timestamp
	Blob
	Document
	EventStream
)

// Location says where a member travels in a rest-json message.
type Location uint8

// The member locations; InBody is the default.
const (
	InBody Location = iota
	InURI
	InQuery
	InHeader
	InHeaders
	InStatusCode
	InPayload
)

// Shape is one shape of a service model with its constraints. For a Structure,
// Members stand in the order of the generated struct's fields.
type Shape struct {
	Name            string
	Type            Type
	Members         []Member
	Elem            *Shape // list member or map value
	Key             *Shape
	Min, Max        float64
	HasMin, HasMax  bool
	Pattern         string
	Enum            []string
	TimestampFormat string
}

// Member is one member of a structure. Name is the model's, Wire the name in
// JSON, XML, the URI, the query string or the header.
type Member struct {
	Name     string
	Wire     string
	Shape    *Shape
	In       Location
	Required bool
	Enum     []string
}

// Shaped is implemented by every generated structure.
type Shaped interface{ AWSShape() *Shape }

// Operation is a row of a service's operation table.
type Operation struct {
	Name          string
	Method        string
	URI           string // may hold constant query parameters: /restapis?mode=import
	Status        int
	ResultWrapper string // query protocol only
}

// Model is a generated service description. Errors maps error codes to HTTP
// statuses. MemberPathPrefix is set for services whose validation messages put the
// input's name before a body member's path (API Gateway v1).
type Model struct {
	Service          string
	Protocol         string // rest-json, query, json
	APIVersion       string
	JSONVersion      string
	TargetPrefix     string
	XMLNamespace     string
	MemberPathPrefix bool
	Operations       []Operation
	Errors           map[string]int
	// ErrorShapes is set for services that once spoke the query protocol: their
	// errors' codes of that time, which Error.Code holds, by the shapes' names that
	// the newer protocols show.
	ErrorShapes map[string]string
}

// errorType is an error's name in the protocols that show shapes.
func (m *Model) errorType(e *Error) string {
	if e.Shape != "" {
		return e.Shape
	}
	if name, ok := m.ErrorShapes[e.Code]; ok {
		return name
	}
	return e.Code
}

// Empty is the output of operations that answer without a body.
type Empty struct{}

var emptyShape = Shape{Name: "Empty"}

// AWSShape implements Shaped.
func (*Empty) AWSShape() *Shape { return &emptyShape }
