package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

// shownEnv is what a backend has to know.
type shownEnv struct {
	URL    string `json:"url"`
	APIKey string `json:"api_key"`
	// What a backend of the Verify API has to know. An application is a service there.
	AccountSID string `json:"account_sid"`
	AuthToken  string `json:"auth_token"`
	ServiceSID string `json:"service_sid"`
}

type envOptions struct {
	tools
	shell string
}

// NewCmdEnv returns the command that tells a shell where the server is.
func NewCmdEnv(f *Factory) *cobra.Command {
	o := &envOptions{shell: "posix"}
	o.tools = f.tools().onServer("no server runs in this workspace: start one with 'onetouch serve'")
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print variables that point a backend at the running server",
		Long: "Print variables that point a backend at the running server:\n\n" + aboutVariables() +
			"\nAPI key and auth token are secrets: evaluate the text rather than show it. 'onetouch exec' sets the same for a command.",
		Example: "eval \"$(onetouch env)\"",
		Args:    noArguments,
		RunE:    runOn(o, envRun),
	}
	addWordFlag(cmd, &o.shell, "shell", shellNames(), "`SHELL` to write for: "+joined(shellNames()))
	o.answer = addAnswerFlags(cmd, shownEnv{}, "the URL")
	return cmd
}

func envRun(ctx context.Context, o *envOptions, c *Connection) error {
	account, err := c.Control.Account(ctx)
	if err != nil {
		return err
	}
	env := shownEnv{
		URL: c.URL, APIKey: c.Application.APIKey,
		AccountSID: account.SID, AuthToken: account.AuthToken, ServiceSID: verifywire.ServiceSID(c.Application.ID),
	}
	assign := shells()[o.shell]
	var lines output.Lines
	for _, one := range backendVariables() {
		lines = append(lines, assign(one.name, one.of(env)))
	}
	return o.show(ctx, shown{data: env, ids: []string{env.URL}, people: lines})
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

func shellNames() []string { return slices.Sorted(maps.Keys(shells())) }
