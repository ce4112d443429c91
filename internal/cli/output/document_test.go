package output_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func TestWriteDocument(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		streams, _, out, _ := output.Test()
		streams.Terminal.Out = terminal
		err := output.Document{Value: map[string]any{"a": "<b> & ü\u202e\x1b", "b": []int{1}}}.Write(streams)
		want := "{\n  \"a\": \"<b> & ü\\u202e\\u001b\",\n  \"b\": [\n    1\n  ]\n}\n"
		if err != nil || out.String() != want {
			t.Errorf("terminal %t: %v, written %q, want %q", terminal, err, out, want)
		}
	}
	streams, _, _, _ := output.Test()
	if err := (output.Document{Value: func() {}}).Write(streams); err == nil {
		t.Error("a function was written")
	}
}
