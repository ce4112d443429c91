package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/store"
)

// shownServer is what a server says when it is ready.
type shownServer struct {
	URL            string `json:"url"`
	PID            int    `json:"pid"`
	Version        string `json:"version"`
	Database       string `json:"database"`
	Workspace      string `json:"workspace"`
	Profile        string `json:"profile"` // "": the ordinary one
	CallbackURL    string `json:"callback_url"`
	CallbackMethod string `json:"callback_method"`
	Phones         int    `json:"phones"` // that answer by their policies
	// PhonePage is where the page is that makes the browsers of phones devices.
	PhonePage controlapi.PhonePage `json:"phone_page"`
	Upstream  string               `json:"upstream"` // the service that has the phones; "": this one
}

type serveOptions struct {
	display
	build     Build
	settings  func() (config.Settings, config.Workspace, error)
	logOutput io.Writer
}

// NewCmdServe returns the command that runs the server.
func NewCmdServe(f *Factory) *cobra.Command {
	o := &serveOptions{display: f.display(), build: f.Build, logOutput: f.Streams.Err}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server of the workspace until interrupted",
		Long: "Run the server of the workspace until interrupted: the Authy API for your backend, the device API for phones.\n" +
			"Other commands of the workspace find it by themselves. Every flag can be set for good, in the environment\n" +
			"(ONETOUCH_ADDR, ONETOUCH_CALLBACK_URL, …) or in ./onetouch.yaml.\n\n" +
			"--profile sandbox serves the sandbox that Authy shut down in 2021, as its clients' test suites knew it: the\n" +
			"published API keys, user 51, the code 0000000. With sandbox-bare texts and calls are switched off. A sandbox\n" +
			"keeps everything in memory unless --db names a database.\n\n" +
			"--lan serves every network of this machine, with HTTPS by a certificate authority of the workspace's own, so that\n" +
			"the browser of a phone can be a device ('onetouch device pair').",
		Example: "onetouch serve --callback-url http://127.0.0.1:3000/callback",
		Args:    noArguments,
		RunE:    runWith(o, serveRun),
	}
	flags := cmd.Flags()
	config.AddFlags(flags, servedSettings()...)
	for _, key := range servedSettings() {
		if words := config.Words(key); words != nil {
			completes(cmd, key, completeWords(words...))
		}
	}
	o.settings = func() (config.Settings, config.Workspace, error) { return f.Workspace(flags) }
	o.answer = addAnswerFlags(cmd, shownServer{}, "the URL")
	return cmd
}

// servedSettings are those of a server.
func servedSettings() []string {
	return []string{
		config.KeyAddr, config.KeyLAN, config.KeyTLS, config.KeyDatabase, config.KeyProfile, config.KeyAPIKey,
		config.KeyCallbackURL, config.KeyCallbackMethod, config.KeyPush, config.KeyDeterministic, config.KeyClock,
		config.KeyUpstream, config.KeyUpstreamURL, config.KeyUpstreamService, config.KeyUpstreamWebhookURL,
		config.KeyDeliverTo, config.KeyNoDeliverTo, config.KeyMaxConnections, config.KeyKeep,
		config.KeyLogLevel, config.KeyLogFormat,
	}
}

func serveRun(ctx context.Context, o *serveOptions) error {
	settings, workspace, err := o.settings()
	if err != nil {
		return err
	}
	logger, err := newLogger(o.logOutput, settings)
	if err != nil {
		return err
	}
	if err := workspace.Prepare(); err != nil {
		return err
	}
	release, err := server.Claim(ctx, workspace.Announcement())
	if errors.Is(err, server.ErrClaimed) {
		return alreadyServed(workspace)
	}
	if err != nil {
		return err
	}
	defer release()
	listener, err := listen(ctx, addrOf(settings))
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	token, err := workspace.EnsureControlToken()
	if err != nil {
		return err
	}
	hosted := &hostedByServer{}
	options := server.Options{
		ControlToken: token, Version: o.build.Version, Logger: logger, Hosts: hostsOf(settings.Addr),
		Phones: hosted,
	}
	if err := o.open(&options, settings, workspace, listener.Addr()); err != nil {
		return err
	}
	s, err := openServer(ctx, settings, workspace, options)
	if err != nil {
		return err
	}
	served := shownServer{
		URL: urlOf(listener.Addr()), PID: os.Getpid(), Version: o.build.Version,
		Database: store.Shown(databaseOf(settings, workspace)), Workspace: workspace.Name, Profile: settings.Profile,
		PhonePage: options.PhonePage, Upstream: s.Upstream(),
	}
	logger.Info("serving", "url", served.URL, "version", served.Version, "pid", served.PID)
	phones, stopPhones, err := hosted.run(ctx, s, workspace.Devices(served.Database), logger)
	served.Phones = phones
	if err == nil {
		defer context.AfterFunc(ctx, stopPhones)() // before the server waits for those whom it serves
		err = o.serve(ctx, s, listener, served, workspace.Announcement())
	}
	stopPhones()
	err = errors.Join(err, s.Close())
	logger.Info("stopped")
	return err
}

// alreadyServed says which server is in the way.
func alreadyServed(workspace config.Workspace) error {
	other, err := server.ReadAnnouncement(workspace.Announcement())
	if err != nil {
		return failedWith(ExitFailed, "another server of the workspace %q is starting", workspace.Name)
	}
	return failedWith(ExitFailed, "the workspace %q has a server already: %s, process %d; stop it, or serve another "+
		"workspace with --workspace NAME", workspace.Name, other.URL, other.PID)
}

// hostsOf is the name under which the server is told to listen, when it is a name.
func hostsOf(addr string) []string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return nil
	}
	return []string{host}
}

// serve announces the server and runs it until ctx ends.
func (o *serveOptions) serve(
	ctx context.Context, s *server.Server, listener net.Listener, served shownServer, announcement string,
) error {
	app := s.Application()
	served.CallbackURL, served.CallbackMethod = app.Callback.URL, app.Callback.Method
	withdraw, err := server.Announce(announcement, server.Announcement{
		URL: served.URL, PID: served.PID, Version: served.Version, Database: served.Database, StartedAt: time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	defer withdraw()
	if err := o.greet(ctx, served); err != nil {
		return err
	}
	go settleMemory()
	return s.Serve(ctx, listener)
}

// greet says what a user needs to connect.
func (o *serveOptions) greet(ctx context.Context, served shownServer) error {
	return o.show(ctx, shown{
		data: served, ids: []string{served.URL}, people: recordOfServer(served), hint: "OneTouch is running. Ctrl-C stops it.",
	})
}

func recordOfServer(served shownServer) *output.Record {
	record := &output.Record{}
	record.Add("Authy API", served.URL)
	record.Add("API key", fmt.Sprintf(`eval "$(onetouch env%s)" puts it into AUTHY_API_KEY`, ofWorkspace(served)))
	record.Add("Console", "onetouch console"+ofWorkspace(served)+" prints the link")
	record.Add("Callbacks", callbackText(served.CallbackMethod, served.CallbackURL))
	record.Add("Database", served.Database)
	record.Add("Profile", served.Profile)
	if served.Upstream != "" {
		record.Add("Upstream", served.Upstream)
	}
	addPhonePage(record, served.PhonePage)
	if served.Phones > 0 {
		record.Add("Phones", numberOfPhones(served.Phones))
	}
	return record
}

// ofWorkspace has a command work on the server's workspace.
func ofWorkspace(served shownServer) string {
	if served.Workspace == config.DefaultWorkspace {
		return ""
	}
	return " --workspace " + served.Workspace
}

// urlOf is where commands on this machine reach a listener.
func urlOf(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func newLogger(w io.Writer, settings config.Settings) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(settings.LogLevel)); err != nil {
		return nil, usageError("--log-level %q is not known: debug, info, warn or error", settings.LogLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch strings.ToLower(settings.LogFormat) {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, usageError("--log-format %q is not known: text or json", settings.LogFormat)
	}
}
