// Command runtime is the smallest Lambda runtime that tests of the docker executor need. It asks the Runtime API for one
// event after another, does what the event says, and sends the answer back.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(base + "next")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(9)
		}
		event, _ := io.ReadAll(next.Body)
		next.Body.Close()
		answer := run(string(event))
		sent, err := http.Post(base+"id/response", "application/json", bytes.NewReader([]byte(answer)))
		if err != nil {
			os.Exit(9)
		}
		sent.Body.Close()
	}
}

func run(event string) string {
	verb, rest, _ := strings.Cut(event, " ")
	switch verb {
	case "print":
		fmt.Println(rest)
	case "partial":
		fmt.Print(rest)
	case "env":
		return os.Getenv(rest)
	case "get":
		answer, err := http.Get(os.Getenv(rest))
		if err != nil {
			return err.Error()
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return string(body)
	case "write":
		if err := os.WriteFile(rest, []byte("x"), 0o600); err != nil {
			return err.Error()
		}
		return "written"
	case "read":
		content, err := os.ReadFile(rest)
		if err != nil {
			return err.Error()
		}
		return string(content)
	case "id":
		return fmt.Sprint(os.Getuid(), ":", os.Getgid())
	case "allocate":
		var kept [][]byte
		for {
			block := bytes.Repeat([]byte{1}, 8<<20)
			kept = append(kept, block)
			if len(kept) > 1<<16 {
				break
			}
		}
	case "exit":
		os.Exit(3)
	}
	return "done"
}
