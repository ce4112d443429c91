package cli

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// shownVersion says what runs.
type shownVersion struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Date     string `json:"date"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

type versionOptions struct {
	display
	build Build
}

// NewCmdVersion returns the command that says what runs.
func NewCmdVersion(f *Factory) *cobra.Command {
	o := &versionOptions{display: f.display(), build: f.Build}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  noArguments,
		RunE:  runWith(o, versionRun),
	}
	o.answer = addAnswerFlags(cmd, shownVersion{}, "the version")
	return cmd
}

func versionRun(ctx context.Context, o *versionOptions) error {
	build := shownVersion{
		Version: o.build.Version, Commit: o.build.Commit, Date: o.build.Date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	text := sentence("onetouch %s (%s, %s)", build.Version, build.Go, build.Platform)
	if build.Commit != "" {
		text = append(text, fmt.Sprintf("commit %s of %s", build.Commit, build.Date))
	}
	return o.show(ctx, shown{data: build, ids: []string{build.Version}, people: text})
}
