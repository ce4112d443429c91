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
	tools
	build Build
}

// NewCmdVersion returns the command that says what runs.
func NewCmdVersion(f *Factory, runF func(context.Context, *versionOptions) error) *cobra.Command {
	o := &versionOptions{tools: f.tools(), build: f.Build}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  noArguments,
		RunE:  runWith(o, versionRun, runF),
	}
	o.answer = addAnswerFlags(cmd, shownVersion{}, "the version")
	return cmd
}

func versionRun(ctx context.Context, o *versionOptions) error {
	shown := shownVersion{
		Version: o.build.Version, Commit: o.build.Commit, Date: o.build.Date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	return o.answer.write(ctx, o.streams, shown, func() error {
		text := fmt.Sprintf("onetouch %s (%s, %s)", shown.Version, shown.Go, shown.Platform)
		if shown.Commit != "" {
			text += fmt.Sprintf("\ncommit %s of %s", shown.Commit, shown.Date)
		}
		return writeLines(o.streams, text)
	}, shown.Version)
}
