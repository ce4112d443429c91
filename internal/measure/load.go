package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// connections are how many clients ask at once, one load after the other.
type connections []int

// String is for the help text.
func (c *connections) String() string { return strings.Trim(fmt.Sprint(*c), "[]") }

// Set reads numbers with commas between them.
func (c *connections) Set(text string) error {
	*c = nil
	for word := range strings.SplitSeq(text, ",") {
		number, err := strconv.Atoi(word)
		if err != nil || number < 1 {
			return errors.New("connections are numbers such as 8,32")
		}
		*c = append(*c, number)
	}
	return nil
}

// load asks for approvals over a number of connections and returns how many a second. The clients share the processors with the
// server that they ask, so they do as little as they can: each sends the same bytes again once it has read the answer.
func load(ctx context.Context, where string, number, calls int) (float64, error) {
	target, err := url.Parse(where)
	if err != nil {
		return 0, err
	}
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nX-Authy-API-Key: %s\r\n"+
		"Content-Length: %d\r\n\r\n%s", target.Path, target.Host, apiKey, len(question), question)
	started := time.Now()
	var work sync.WaitGroup
	failures := make(chan error, number)
	for range number {
		work.Go(func() {
			if err := client(ctx, target.Host, request, calls/number); err != nil {
				failures <- err
			}
		})
	}
	work.Wait()
	close(failures)
	if err := <-failures; err != nil {
		return 0, err
	}
	return float64(calls/number*number) / time.Since(started).Seconds(), nil
}

// client makes calls over one connection.
func client(ctx context.Context, host string, request []byte, calls int) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	answers := bufio.NewReader(connection)
	for range calls {
		if _, err := connection.Write(request); err != nil {
			return err
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err == nil && answer.StatusCode/100 != 2 {
			err = fmt.Errorf("%s answered %s: %s", host, answer.Status, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
