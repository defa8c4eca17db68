package emulator

// Description is what a running emulator says of itself to the one who
// started it.
type Description struct {
	URL      string // http://127.0.0.1:4566
	Loopback bool   // only this machine can connect
	DataDir  string // "" for memory
	Account  string
	Region   string

	Executor       string // docker or process
	ExecutorReason string // why that one, a clause: "Docker Engine 28.5 answers at unix:///var/run/docker.sock"

	Upstreams []string // "sqs → http://…", sorted
}

// Health is what GET /_postern/health answers, and postern status reads.
type Health struct {
	Status         string  `json:"status"` // "running"
	Version        string  `json:"version"`
	Uptime         float64 `json:"uptimeSeconds"`
	Executor       string  `json:"executor"`
	ExecutorReason string  `json:"executorReason"`
	DataDir        string  `json:"dataDir,omitempty"`

	RESTAPIs      int `json:"restApis"`
	HTTPAPIs      int `json:"httpApis"`
	WebSocketAPIs int `json:"webSocketApis"`
	Functions     int `json:"functions"`
	Environments  int `json:"environments"` // of functions, that are up now
}
