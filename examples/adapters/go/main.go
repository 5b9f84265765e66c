// Adapter of a Go SDK: pytest --pyargs conformance --adapter-cmd ./adapter
// To be changed for another SDK: the import, open, methods and failure. The rest is the protocol.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"example.com/acme"
)

type object = map[string]any

type settings struct {
	BaseURL string   `json:"base_url"`
	APIKey  *string  `json:"api_key"`
	Timeout *float64 `json:"timeout"`
}

type arguments struct {
	Request json.RawMessage    `json:"request"`
	BatchID string             `json:"batch_id"`
	Options acme.StreamOptions `json:"options"`
}

type request struct {
	ID       json.Number `json:"id"`
	Op       string      `json:"op"`
	Client   string      `json:"client"`
	Settings settings    `json:"settings"`
	Method   string      `json:"method"`
	Args     arguments   `json:"args"`
}

func open(given settings) *acme.Client {
	options := acme.Options{BaseURL: given.BaseURL}
	if given.APIKey != nil {
		options.APIKey = *given.APIKey
	}
	if given.Timeout != nil {
		options.Timeout = time.Duration(*given.Timeout * float64(time.Second))
	}
	return acme.New(options)
}

type method struct {
	native string
	call   func(context.Context, *acme.Client, arguments) (any, error)
}

// Contract name: native spelling and call. Leave out what the SDK does not have.
var methods = map[string]method{
	"createBatch": {"CreateBatch", func(ctx context.Context, sdk *acme.Client, args arguments) (any, error) {
		return sdk.CreateBatch(ctx, args.Request)
	}},
	"getBatch": {"RetrieveBatch", func(ctx context.Context, sdk *acme.Client, args arguments) (any, error) {
		return sdk.RetrieveBatch(ctx, args.BatchID)
	}},
	"batches.websocketUrl": {"GetBatchWebSocketURL", func(_ context.Context, sdk *acme.Client, args arguments) (any, error) {
		return sdk.GetBatchWebSocketURL(args.BatchID, args.Options)
	}},
}

// failure says what the SDK's own error shows, and no more.
func failure(err error) object {
	said := object{"kind": "other", "type": fmt.Sprintf("%T", err), "message": err.Error(), "repr": fmt.Sprintf("%#v", err)}
	var answered *acme.HTTPError
	var network net.Error
	switch {
	case errors.As(err, &answered):
		said["kind"], said["status"], said["body"] = "http", answered.StatusCode, string(answered.Body)
	case errors.As(err, &network) && network.Timeout():
		said["kind"] = "timeout"
	case errors.As(err, &network):
		said["kind"] = "transport"
	}
	return said
}

func hello() object {
	spellings := object{}
	for name, found := range methods {
		spellings[name] = found.native
	}
	return object{
		"protocol":    1,
		"adapter":     object{"name": "acme-go", "version": "1"},
		"sdk":         object{"name": "acme", "version": acme.Version, "language": "go", "runtime": runtime.Version()},
		"methods":     spellings,
		"options":     []string{"base_url", "api_key", "timeout"},
		"concurrency": 1,
	}
}

func call(sdk *acme.Client, asked request) object {
	found, known := methods[asked.Method]
	if !known {
		return object{"error": object{"kind": "unsupported", "method": asked.Method, "reason": "the SDK has no such method"}}
	}
	value, err := found.call(context.Background(), sdk, asked.Args)
	if err != nil {
		return object{"error": failure(err)}
	}
	return object{"result": object{"value": value, "type": fmt.Sprintf("%T", value)}}
}

func main() {
	// Stdout is for answers alone: what the SDK prints goes to stderr.
	answers := json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr
	clients := map[string]*acme.Client{}
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var asked request
		if requests.Decode(&asked) != nil {
			return
		}
		answer := object{"result": object{}}
		switch asked.Op {
		case "hello":
			answer["result"] = hello()
		case "open":
			clients[asked.Client] = open(asked.Settings)
		case "call":
			answer = call(clients[asked.Client], asked)
		case "close":
			delete(clients, asked.Client)
		case "exit":
		default:
			answer = object{"error": object{"kind": "protocol", "message": "no op is called " + asked.Op}}
		}
		answer["id"] = asked.ID
		answers.Encode(answer)
		if asked.Op == "exit" {
			return
		}
	}
}
