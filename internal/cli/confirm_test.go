package cli

import (
	"errors"
	"testing"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func TestConfirm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed string
		yes   bool
	}{
		{"y\n", true}, {"YES\n", true}, {" yes \r\n", true}, {"y", true}, {"\n", false}, {"", false}, {"n\n", false}, {"yep\n", false},
	} {
		typed, yes := test.typed, test.yes
		streams, in, _, asked := output.Test()
		in.WriteString(typed)
		streams.Terminal.In = true
		o := &resetOptions{tools: tools{display: display{streams: streams}}, all: true}
		if err := o.check(); yes != (err == nil) || !yes && !errors.Is(err, errNotConfirmed) {
			t.Errorf("%q gives %v", typed, err)
		}
		const want = "Remove all applications, users, devices and requests of this workspace? [y/N] "
		if got := asked.String(); got != want {
			t.Errorf("the question is %q, want %q", got, want)
		}
	}
}
