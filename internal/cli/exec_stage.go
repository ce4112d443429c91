package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/fixture"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// execStage is the server of one command, with whatever stands around it.
type execStage struct {
	server      *server.Server
	logger      *slog.Logger
	environment []string      // of the command, as NAME=VALUE
	auto        *autoAnswers  // nil: nobody answers
	reporter    *execReporter // nil: nobody wants a report
	seed        *fixture.File // nil: nothing is there from the start
	undo        []func() error
}

func (o *execOptions) openStage(
	ctx context.Context, settings config.Settings, seed *fixture.File,
) (*execStage, error) {
	st := &execStage{seed: seed}
	if err := st.open(ctx, o, settings); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

// later has something undone when the stage is closed, before what was done earlier.
func (st *execStage) later(undo func() error) { st.undo = append(st.undo, undo) }

// close takes the stage down. Nothing is left of it.
func (st *execStage) close() error {
	var failed []error
	for _, undo := range slices.Backward(st.undo) {
		failed = append(failed, undo())
	}
	st.undo = nil
	return errors.Join(failed...)
}

func (st *execStage) open(ctx context.Context, o *execOptions, settings config.Settings) (err error) {
	if st.logger, err = newLogger(o.streams.Err, settings); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "onetouch-exec-") // mode 0700
	if err != nil {
		return fmt.Errorf("making a folder for the time of the command: %w (TMPDIR names another place)", err)
	}
	st.later(func() error { return os.RemoveAll(folder) })
	workspace, err := o.workspace(filepath.Join(folder, "workspaces"))
	if err != nil {
		return err
	}
	token, err := workspace.EnsureControlToken()
	if err != nil {
		return err
	}
	listener, err := listen(ctx, settings.Addr)
	if err != nil {
		return err
	}
	st.later(func() error { _ = listener.Close(); return nil }) // the server may have done so
	if err := st.serve(ctx, o, settings, workspace, token, listener); err != nil {
		return err
	}
	account, err := st.server.Service().Account(ctx)
	if err != nil {
		return err
	}
	app := st.server.Application()
	st.environment = environmentFor(os.Environ(), shownEnv{
		URL: urlOf(listener.Addr()), APIKey: app.APIKey,
		AccountSID: account.SID, AuthToken: account.AuthToken, ServiceSID: verifywire.ServiceSID(app.ID),
	}, workspace, token)
	return st.surround(ctx, o.around, surroundings{
		URL: urlOf(listener.Addr()), Handler: st.server.Handler(), Folder: folder, Logger: st.logger,
	})
}

// serve starts the server and the phones that answer by their policies.
func (st *execStage) serve(
	ctx context.Context, o *execOptions, settings config.Settings, workspace config.Workspace, token string,
	listener net.Listener,
) (err error) {
	hosted := &hostedByServer{}
	settings.Database = store.Memory
	st.server, err = openServer(ctx, settings, workspace, server.Options{
		ControlToken: token, Version: o.build.Version, Logger: st.logger, Hosts: hostsOf(settings.Addr), Phones: hosted,
	})
	if err != nil {
		return err
	}
	st.later(st.server.Close)
	serving, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	st.later(func() error { stop(); work.Wait(); return nil }) // after those that call the server
	_, stopPhones, err := hosted.run(ctx, st.server, workspace.Devices(store.Memory), st.logger)
	st.later(func() error { stopPhones(); return nil })
	if err != nil {
		return err
	}
	if err := st.plant(ctx, o, settings, token, workspace.Devices(store.Memory)); err != nil {
		return err
	}
	if o.report.path != "" {
		if st.reporter, err = newExecReporter(ctx, st.server, token); err != nil {
			return err
		}
		st.later(func() error { st.reporter.close(); return nil })
	}
	stopAnswers := st.answer(ctx, o.auto, hosted, workspace.Devices(store.Memory))
	st.later(func() error { stopAnswers(); return nil })
	work.Go(func() {
		if err := st.server.Serve(serving, listener); err != nil {
			st.logger.Warn("the server has ended badly", "error", err)
		}
	})
	return nil
}

// plant makes what the seed file says be there.
func (st *execStage) plant(
	ctx context.Context, o *execOptions, settings config.Settings, token, folder string,
) error {
	if st.seed == nil {
		return nil
	}
	client, hangUp := st.server.Within()
	defer hangUp()
	c := &Connection{
		HTTP: client, Devices: device.NewStore(folder), Watches: phone.NewWatches(folder),
		warn: func(format string, args ...any) { say(o.streams, format, args...) },
	}
	c.reach(server.InProcessURL, token)
	if err := c.describe(ctx); err != nil {
		return err
	}
	if err := c.speakFor(ctx, settings.App); err != nil {
		return err
	}
	_, err := c.seed(ctx, st.seed, false)
	return err
}

// answer has requests answered by themselves, until stop is called.
func (st *execStage) answer(ctx context.Context, action string, hosted *hostedByServer, folder string) (stop func()) {
	if action == "" {
		return func() {}
	}
	client, hangUp := st.server.Within()
	st.auto = &autoAnswers{
		action: action, service: st.server.Service(), client: client, devices: device.NewStore(folder),
		refresh: hosted.Refresh, logger: st.logger,
	}
	stopAnswers := st.auto.start(ctx)
	return func() {
		stopAnswers()
		hangUp()
	}
}

// surround starts what stands around the command.
func (st *execStage) surround(ctx context.Context, all []around, s surroundings) error {
	for _, one := range all {
		s.Environment = st.environment
		variables, stop, err := one.start(ctx, s)
		if err != nil {
			return err
		}
		st.later(stop)
		st.environment = append(st.environment, variables...)
	}
	return nil
}

// environmentFor is the environment of the command: the user's own, in which this program's settings are those of the stage.
func environmentFor(own []string, env shownEnv, workspace config.Workspace, token string) []string {
	ours := map[string]bool{config.DataVariable: true}
	for _, key := range config.Keys() {
		ours[config.Variable(key)] = true
	}
	environment := slices.DeleteFunc(slices.Clone(own), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return ours[name]
	})
	for _, one := range backendVariables() {
		environment = append(environment, one.name+"="+one.of(env))
	}
	return append(environment,
		config.DataVariable+"="+filepath.Dir(workspace.Dir()),
		config.Variable(config.KeyWorkspace)+"="+workspace.Name,
		config.Variable(config.KeyControlToken)+"="+token,
	)
}

// drain waits until nobody answers any more by --auto, and no callback and push is due: for a time at most. A signal ends it.
func (st *execStage) drain(ctx context.Context, most time.Duration, signals <-chan os.Signal) {
	end := time.NewTimer(most)
	defer end.Stop()
	var judged <-chan struct{}
	if st.auto != nil {
		judged = st.auto.moved
	}
	for {
		happened := st.server.Service().Changed(onetouch.TopicEvents)
		delivered := st.server.Service().Changed(onetouch.TopicDeliveries)
		left, err := st.left(ctx)
		if err != nil || left == "" {
			return
		}
		select {
		case <-happened:
		case <-delivered:
		case <-judged:
		case <-end.C:
			st.logger.Warn(left, "waited", most.String())
			return
		case <-signals:
			return
		}
	}
}

// left says what is still to happen; "" for nothing.
func (st *execStage) left(ctx context.Context) (string, error) {
	if st.auto != nil {
		if pending, err := st.auto.pending(ctx); err != nil || pending {
			return "requests were not answered in time", err
		}
	}
	due, _, err := st.server.Service().OwedDeliveries(ctx, 0)
	if err != nil || due == 0 {
		return "", err
	}
	return "callbacks and pushes were not sent in time", nil
}
