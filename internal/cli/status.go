package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// shownStatus is how things stand in a workspace.
type shownStatus struct {
	Running        bool       `json:"running"` // whether a server does
	URL            string     `json:"url"`     // "" when none runs
	Version        string     `json:"version"`
	PID            int        `json:"pid"`        // 0 when none runs
	StartedAt      *time.Time `json:"started_at"` // null when none runs
	Database       string     `json:"database"`
	Workspace      string     `json:"workspace"`
	Application    string     `json:"application"`
	CallbackURL    string     `json:"callback_url"`
	CallbackMethod string     `json:"callback_method"`
	Push           string     `json:"push"`
	Upstream       string     `json:"upstream"` // the service that has the phones; "": this one
	Users          int        `json:"users"`
	Devices        int        `json:"devices"`
	Pending        int        `json:"pending"` // requests without an answer
	Owed           int        `json:"owed"`    // callbacks and pushes not sent yet
	// Deliveries is what became of them since the server was started, by kind; of all applications. None when none runs.
	Deliveries []controlapi.DeliveryCounts `json:"deliveries"`
}

type statusOptions struct {
	tools
	workspace     func() (string, error)
	waitForServer func(context.Context) (*Connection, error)
	wait          bool
	timeout       time.Duration
}

// NewCmdStatus returns the command that says how things stand.
func NewCmdStatus(f *Factory) *cobra.Command {
	o := &statusOptions{tools: f.tools(), waitForServer: f.waitForServer, workspace: func() (string, error) {
		settings, err := f.Settings(nil)
		return settings.Workspace, err
	}}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say whether a server runs, and how things stand",
		Long: "Say whether a server runs, and how things stand. --wait waits until a server is there and answers: the\n" +
			"workspace's own, or the one of --server. When the time of --timeout is over the exit code is 124.",
		Example: "onetouch serve & onetouch status --wait --timeout 10s -q",
		Args:    noArguments,
		RunE:    runOn(o, statusRun),
	}
	cmd.Flags().BoolVar(&o.wait, "wait", false, "wait until a server runs")
	cmd.Flags().Var(timeoutFlag(&o.timeout), "timeout", "wait no longer than this `DURATION`, such as 10s (default for ever)")
	o.answer = addAnswerFlags(cmd, shownStatus{}, "the URL of the server; nothing when none runs")
	return cmd
}

func (o *statusOptions) check() error {
	if o.timeout > 0 && !o.wait {
		return usageError("--timeout is of use with --wait only")
	}
	return nil
}

func (o *statusOptions) connect(ctx context.Context) (*Connection, error) {
	if !o.wait {
		return o.tools.connect(ctx)
	}
	waiting, cancel := within(ctx, o.timeout)
	defer cancel()
	c, err := o.waitForServer(waiting)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, failedWith(ExitTimedOut, "no server was there within %s: start one with 'onetouch serve'", o.timeout)
	}
	return c, err
}

func statusRun(ctx context.Context, o *statusOptions, c *Connection) error {
	workspace, err := o.workspace()
	if err != nil {
		return err
	}
	status, err := c.status(ctx)
	if err != nil {
		return err
	}
	status.Workspace = workspace
	answer := shown{data: status, people: recordOfStatus(o.streams, status)}
	if status.Running {
		answer.ids = []string{status.URL}
	} else {
		answer.hint = "No server runs; commands work on the database themselves. Start one: onetouch serve"
	}
	return o.show(ctx, answer)
}

// status counts what is there.
func (c *Connection) status(ctx context.Context) (shownStatus, error) {
	app := c.Application
	shown := shownStatus{
		Deliveries: []controlapi.DeliveryCounts{},
		Running:    !c.InProcess, Version: c.Server.Version, Database: c.Server.Database, Application: app.Name,
		CallbackURL: app.CallbackURL, CallbackMethod: app.CallbackMethod, Push: app.Push,
		Upstream: c.Server.Upstream,
	}
	if shown.Running {
		shown.URL, shown.PID, shown.StartedAt = c.URL, c.Server.PID, &c.Server.StartedAt
	}
	standing, err := c.Control.Standing(ctx, app.ID)
	shown.Users, shown.Devices, shown.Pending, shown.Owed = standing.Users, standing.Devices, standing.Requests, standing.Owed
	if err == nil && shown.Running {
		shown.Deliveries, err = c.Control.DeliveryCounts(ctx)
	}
	return shown, err
}

// deliveredText sums up what became of deliveries.
func deliveredText(counts []controlapi.DeliveryCounts) string {
	var sent, failed, givenUp int
	for _, c := range counts {
		sent, failed, givenUp = sent+c.Sent, failed+c.FailedAttempts, givenUp+c.GivenUp
	}
	return fmt.Sprintf("%d since the start; %s failed, %d given up", sent, counted(failed, "attempt"), givenUp)
}

func recordOfStatus(s *output.Streams, shown shownStatus) *output.Record {
	record := &output.Record{}
	if shown.Running {
		record.Add("Server", fmt.Sprintf("%s (process %d)", shown.URL, shown.PID))
		record.Add("Since", momentOr(s, shown.StartedAt, ""))
	} else {
		record.Add("Server", "none runs")
	}
	record.Add("Version", shown.Version)
	record.Add("Workspace", shown.Workspace)
	record.Add("Database", shown.Database)
	record.Add("Application", shown.Application)
	record.Add("Callbacks", callbackText(shown.CallbackMethod, shown.CallbackURL))
	record.Add("Pushes", "sent by "+shown.Push)
	if shown.Upstream != "" {
		record.Add("Upstream", shown.Upstream)
	}
	record.Add("Users", fmt.Sprint(shown.Users))
	record.Add("Devices", fmt.Sprint(shown.Devices))
	record.Add("Requests pending", fmt.Sprint(shown.Pending))
	record.Add("Deliveries owed", fmt.Sprint(shown.Owed))
	if shown.Running {
		record.Add("Deliveries sent", deliveredText(shown.Deliveries))
	}
	return record
}
