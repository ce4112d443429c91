package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
)

// Factory is what commands are made of. It reads and opens nothing until a command asks.
type Factory struct {
	Build   Build
	Streams *output.Streams
	Env     config.Environment

	persistent *pflag.FlagSet // of every command
	onlyLooks  bool           // whether the database of the workspace is to stay as it is
}

// looking is a factory whose connections change nothing, not even what the settings say of the application.
func (f *Factory) looking() *Factory {
	other := *f
	other.onlyLooks = true
	return &other
}

// Settings reads the user's settings, given the flags of a command; nil for one without settings of its own.
func (f *Factory) Settings(flags *pflag.FlagSet) (config.Settings, error) {
	if flags == nil {
		flags = f.persistent
	}
	settings, err := config.Load(f.Env, flags)
	if err != nil {
		return settings, usageError("%w", err)
	}
	return settings, nil
}

// Workspace reads the settings and finds the files of the workspace they name.
func (f *Factory) Workspace(flags *pflag.FlagSet) (config.Settings, config.Workspace, error) {
	settings, err := f.Settings(flags)
	if err != nil {
		return settings, config.Workspace{}, err
	}
	workspace, err := f.Env.Workspace(settings.Workspace)
	return settings, workspace, err
}

// tools are what almost every command works with: its options embed them. A test gives some of its own.
type tools struct {
	display
	open func(ctx context.Context) (*Connection, error)
}

func (f *Factory) display() display { return display{streams: f.Streams} }

func (f *Factory) tools() tools { return tools{display: f.display(), open: f.Connect} }

// operatorTools are those of a command that speaks for no application.
func (f *Factory) operatorTools() tools { return tools{display: f.display(), open: f.ConnectOperator} }

// onServer are the tools of a command that is of use with a running server only; otherwise says what to do without.
func (t tools) onServer(otherwise string) tools {
	open := t.open
	t.open = func(ctx context.Context) (*Connection, error) {
		c, err := open(ctx)
		if err == nil && c.InProcess {
			c.Discard(ctx)
			return nil, failedWith(ExitUnreachable, "%s", otherwise)
		}
		return c, err
	}
	return t
}

func (t tools) connect(ctx context.Context) (*Connection, error) { return t.open(ctx) }

// check is that of a command that takes whatever can be typed.
func (tools) check() error { return nil }
