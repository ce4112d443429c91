package cli

import (
	"context"
	"net"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/console"
)

// shownConsole is a link to the page for the operator.
type shownConsole struct {
	Link string `json:"link"`
}

type consoleOptions struct{ tools }

// NewCmdConsole returns the command that prints a link to the console.
func NewCmdConsole(f *Factory) *cobra.Command {
	o := &consoleOptions{}
	o.tools = f.tools().onServer("no server runs in this workspace, whose console could be opened: start one with " +
		"'onetouch serve'")
	cmd := &cobra.Command{
		Use:   "console",
		Short: "Print a link to the console: the server in a browser, live",
		Long: "Print a link to the console, a page of the running server for a browser on the same machine: requests, phones,\n" +
			"users, deliveries, inbox and traffic as they come, with buttons to approve, deny, send again, move the clock and\n" +
			"let calls go wrong. It is 'onetouch tui' for who would rather look than type.\n\n" +
			"The link holds the control token of the workspace: whoever has it can do anything with this server. The page takes\n" +
			"it out of the address bar and keeps it nowhere, so a page that is loaded anew needs a link anew.",
		Example: "onetouch serve\nonetouch console",
		Args:    noArguments,
		RunE:    runOn(o, consoleRun),
	}
	o.answer = addAnswerFlags(cmd, shownConsole{}, "the link")
	return cmd
}

func consoleRun(ctx context.Context, o *consoleOptions, c *Connection) error {
	link, err := consoleLink(c.URL, c.token)
	if err != nil {
		return err
	}
	return o.show(ctx, shown{
		data: shownConsole{Link: link}, ids: []string{link}, people: output.Lines{link},
		hint: "Open it in a browser on this machine, and show it to nobody: the control token is in it.",
	})
}

// consoleLink puts the token where a browser keeps it to itself, and no server logs it: behind the #.
func consoleLink(base, token string) (string, error) {
	at, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	address := net.ParseIP(at.Hostname())
	if at.Hostname() != "localhost" && (address == nil || !address.IsLoopback()) {
		return "", failedWith(ExitFailed, "the console is for browsers on the server's own machine, and %s is no address of "+
			"that alone: start the server with --addr 127.0.0.1:%s, or with --lan", at.Redacted(), at.Port())
	}
	at.Path, at.Fragment = console.Prefix+"/", token
	return at.String(), nil
}
