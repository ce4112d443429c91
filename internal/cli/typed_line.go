package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
)

// typedLine waits for a line, which may be the last one and have no end, or for ctx: reading a terminal cannot be broken off.
func typedLine(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	typed := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(in).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		typed <- result{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-typed:
		return got.line, got.err
	}
}
