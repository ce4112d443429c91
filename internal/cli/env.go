package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/config"
)

// shownEnv is what a backend has to know.
type shownEnv struct {
	URL    string `json:"url"`
	APIKey string `json:"api_key"`
}

type envOptions struct {
	tools
	shell string
}

// NewCmdEnv returns the command that tells a shell where the server is.
func NewCmdEnv(f *Factory, runF func(context.Context, *envOptions) error) *cobra.Command {
	o := &envOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print variables that point a backend at the running server",
		Long: "Print variables that point a backend at the running server: AUTHY_API_URL, AUTHY_API_KEY and ONETOUCH_URL.\n" +
			"The API key is a secret: evaluate the text rather than show it.",
		Example: "eval \"$(onetouch env)\"",
		Args:    noArguments,
		RunE:    runWith(o, envRun, runF),
	}
	cmd.Flags().StringVar(&o.shell, "shell", "posix", "`SHELL` to write for: "+strings.Join(shellNames(), ", "))
	o.answer = addAnswerFlags(cmd, shownEnv{}, "the URL")
	completes(cmd, "shell", completeWords(shellNames()...))
	return cmd
}

func envRun(ctx context.Context, o *envOptions) error {
	assign, known := shells()[o.shell]
	if !known {
		return usageError("--shell %q is not known: choose from %s", o.shell, strings.Join(shellNames(), ", "))
	}
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if c.InProcess {
		return failedWith(ExitUnreachable, "no server runs in this workspace: start one with 'onetouch serve'")
	}
	shown := shownEnv{URL: c.URL, APIKey: c.Application.APIKey}
	return o.answer.write(ctx, o.streams, shown, func() error {
		return writeLines(o.streams,
			assign("AUTHY_API_URL", shown.URL),
			assign("AUTHY_API_KEY", shown.APIKey),
			assign(config.Variable(config.KeyServer), shown.URL))
	}, shown.URL)
}

// shells say how an exported variable is written, whatever characters its value has. Values are one line: the URL was
// parsed, and the service takes no control characters in an API key.
func shells() map[string]func(name, value string) string {
	return map[string]func(name, value string) string{
		"posix": func(name, value string) string {
			return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		},
		"fish": func(name, value string) string {
			return "set -gx " + name + " '" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(value) + "'"
		},
		"powershell": func(name, value string) string {
			return "$Env:" + name + " = '" + strings.ReplaceAll(value, "'", "''") + "'"
		},
		"cmd": func(name, value string) string { // for a batch file, where % begins a variable
			return `set "` + name + "=" + strings.ReplaceAll(value, "%", "%%") + `"`
		},
		"dotenv": func(name, value string) string {
			return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`).Replace(value) + `"`
		},
	}
}

func shellNames() []string {
	var names []string
	for name := range shells() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
