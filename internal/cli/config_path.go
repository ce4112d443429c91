package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
)

// shownFile is a file of settings.
type shownFile struct {
	Path   string `json:"path"`
	Origin string `json:"origin"` // user file or project file
	Exists bool   `json:"exists"`
}

type configPathOptions struct {
	display
	files func() []config.File
}

// NewCmdConfigPath returns the command that says where settings are kept.
func NewCmdConfigPath(f *Factory) *cobra.Command {
	o := &configPathOptions{display: f.display(), files: f.Env.Files}
	cmd := &cobra.Command{
		Use:   "path",
		Short: "Say which files hold settings; the last wins",
		Args:  noArguments,
		RunE:  runWith(o, configPathRun),
	}
	o.answer = addAnswerFlags(cmd, shownFile{}, "the paths")
	return cmd
}

func configPathRun(ctx context.Context, o *configPathOptions) error {
	var files []shownFile
	answer := shown{}
	for _, file := range o.files() {
		origin := config.FromUserFile
		if file.Project {
			origin = config.FromProjectFile
		}
		_, err := os.Stat(file.Path)
		files = append(files, shownFile{Path: file.Path, Origin: string(origin), Exists: !errors.Is(err, fs.ErrNotExist)})
		answer.ids = append(answer.ids, file.Path)
	}
	answer.data, answer.people = files, output.TableOf(files,
		output.Whole("File", func(f shownFile) string { return f.Path }),
		output.Whole("Which", func(f shownFile) string { return f.Origin }),
		output.Whole("Exists", func(f shownFile) string { return yesNo(f.Exists) }),
	)
	return o.show(ctx, answer)
}
