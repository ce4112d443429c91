package output

import (
	"context"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// writeQuery runs query over JSON text and writes each result on a line of its own: strings as they are (the way jq -r
// does it), everything else as JSON.
func writeQuery(ctx context.Context, s *Streams, query *gojq.Code, text []byte) error {
	data, err := decode(text)
	if err != nil {
		return err
	}
	results := query.RunWithContext(ctx, data)
	for {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		if err, failed := result.(error); failed {
			return queryError(err)
		}
		if err := writeResult(s, result); err != nil {
			return err
		}
	}
}

func writeResult(s *Streams, result any) error {
	if text, ok := result.(string); ok {
		return writeBlock(s, []byte(text+"\n"))
	}
	text, err := gojq.Marshal(result)
	if err != nil {
		return fmt.Errorf("writing the result of --jq: %w", err)
	}
	return writeJSON(s, text)
}

// queryError turns what stopped a query into one line. The jq function halt stops without an error.
func queryError(err error) error {
	var halt *gojq.HaltError
	if errors.As(err, &halt) && halt.Value() == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("running --jq: %w", err)
	}
	return fmt.Errorf("running --jq: %s", Sanitise(err.Error()))
}
