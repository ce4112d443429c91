package cli_test

import (
	"errors"
	"testing"

	"github.com/onetouchkit/onetouch/internal/cli"
	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
)

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A story that nobody could read was not told.
func TestDemoOntoAFullDisk(t *testing.T) {
	t.Parallel()
	streams, _, _, _ := output.Test()
	streams.Out = fullDisk{}
	root := cli.NewCmdRoot(&cli.Factory{Streams: streams, Env: config.Environment{}})
	root.SetArgs([]string{"demo", "--auto", "approve"})
	err := root.ExecuteContext(t.Context())
	if err == nil || err.Error() != "writing the answer: no space left on device" {
		t.Errorf("err = %v", err)
	}
}
