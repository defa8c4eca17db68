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
	Warnings  []string // what the user should know, whole sentences
}
