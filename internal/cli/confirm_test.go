package cli

import (
	"context"
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
		opened := false
		open := func(context.Context) (*Connection, error) {
			opened = true
			return nil, nil
		}
		o := &resetOptions{tools: tools{display: display{streams: streams}, open: open}, all: true}
		if err := o.check(); err != nil {
			t.Fatal(err)
		}
		if _, err := o.connect(t.Context()); yes != (err == nil) || !yes && !errors.Is(err, errNotConfirmed) {
			t.Errorf("%q gives %v", typed, err)
		}
		if opened != yes {
			t.Errorf("after %q the database is opened: %v", typed, opened)
		}
		const want = "Remove all applications, users, devices and requests of this workspace? [y/N] "
		if got := asked.String(); got != want {
			t.Errorf("the question is %q, want %q", got, want)
		}
	}
}
