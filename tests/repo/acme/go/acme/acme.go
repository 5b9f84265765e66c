// Package acme is a small SDK in the usual shape.
package acme

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const Version = "v1.2.3"

type Options struct {
	BaseURL string
	APIKey  string
	Timeout time.Duration
}

type StreamOptions struct {
	IntervalMS      *int  `json:"interval_ms"`
	CloseOnTerminal *bool `json:"close_on_terminal"`
}

type HTTPError struct {
	StatusCode int
	Body       []byte
}

func (e *HTTPError) Error() string { return fmt.Sprintf("HTTP %d", e.StatusCode) }

type Client struct {
	options Options
	http    http.Client
}

func New(options Options) *Client {
	fmt.Println("an SDK that prints")
	return &Client{options, http.Client{Timeout: options.Timeout}}
}

func (c *Client) CreateBatch(ctx context.Context, request json.RawMessage) (any, error) {
	return c.send(ctx, "POST", "/batches", request)
}

func (c *Client) RetrieveBatch(ctx context.Context, id string) (any, error) {
	return c.send(ctx, "GET", "/batches/"+url.PathEscape(id), nil)
}

func (c *Client) GetBatchWebSocketURL(id string, _ StreamOptions) (string, error) {
	base := strings.Replace(c.options.BaseURL, "http", "ws", 1)
	return base + "/async/batch/" + url.PathEscape(id) + "/ws", nil
}

func (c *Client) send(ctx context.Context, method, path string, body []byte) (any, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.options.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.options.APIKey)
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 400 {
		return nil, &HTTPError{answer.StatusCode, text}
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}
