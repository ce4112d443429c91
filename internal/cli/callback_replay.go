package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type callbackReplayOptions struct {
	tools
	id      int64
	to      string
	edit    bool
	payload string
	exact   bool
	editor  func() string
}

// NewCmdCallbackReplay returns the command that sends a callback again.
func NewCmdCallbackReplay(f *Factory) *cobra.Command {
	o := &callbackReplayOptions{tools: f.tools(), editor: f.editor}
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Send a callback again, once, and say what is answered",
		Long: "Send a callback again, once, and say what is answered. It has a new nonce and signature, so a careful receiver takes\n" +
			"it for a new callback; with --exact it has the old ones, for which a careful receiver does nothing. It counts as a\n" +
			"callback of its own: what became of the first stays as it is. The exit code is 1 unless it is taken.",
		Example:           "onetouch callback replay 12 --to http://127.0.0.1:3000/callback",
		Args:              takeID(&o.id, aCallbackID),
		ValidArgsFunction: f.completeFirst(callbackIDs),
		RunE:              runOn(o, callbackReplayRun),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.to, "to", "", "send it to this `URL` instead")
	flags.BoolVar(&o.edit, "edit", false, "change the payload in $VISUAL or $EDITOR before")
	flags.StringVar(&o.payload, "payload", "", "send this `JSON` object instead of the payload")
	flags.BoolVar(&o.exact, "exact", false, "send it byte for byte, with the old nonce and signature")
	o.answer = addAnswerFlags(cmd, controlapi.Delivery{}, "the ID of the replay")
	refuseBeside(cmd, "exact", "edit", "payload")
	refuseBeside(cmd, "edit", "payload")
	return cmd
}

// editor is the user's own; empty when none is set.
func (f *Factory) editor() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if text, _ := f.Env.Lookup(name); text != "" {
			return text
		}
	}
	return ""
}

func callbackReplayRun(ctx context.Context, o *callbackReplayOptions, c *Connection) error {
	d, err := c.delivery(ctx, o.id)
	if err != nil {
		return err
	}
	n := controlapi.Replay{URL: o.to, Payload: o.payload, Exact: o.exact}
	if o.edit {
		if n.Payload, err = o.edited(ctx, d.Payload); err != nil {
			return err
		}
	}
	again, err := c.Control.Replay(ctx, d.ID, n)
	if err != nil {
		return orWrongFlag(err)
	}
	return o.showSent(ctx, c, again.ID)
}

// showSent waits until a delivery has ended that is sent once, and shows it.
func (d display) showSent(ctx context.Context, c *Connection, id int64) error {
	var sent controlapi.Delivery
	isIt := func(event controlapi.Event) bool { return event.DeliveryID == id }
	err := c.until(ctx, 0, isIt, func(ctx context.Context) (bool, error) {
		d, err := c.Control.Delivery(ctx, id)
		if err != nil || d.State == onetouch.DeliveryPending {
			return false, err
		}
		sent = d // a look that comes too late finds nothing
		return true, nil
	})
	if err != nil {
		return err
	}
	answer := shown{data: sent, ids: []string{deliveryIDOf(sent)}, people: textOfCallback(d.streams, sent)}
	if err := d.show(ctx, answer); err != nil {
		return err
	}
	if sent.State != onetouch.DeliverySent {
		return failedWith(ExitFailed, "%s %d was not taken: %s", sent.Kind, sent.ID, output.Sanitise(sent.LastError))
	}
	return nil
}

// edited is the payload after the user's editor was at it.
func (o *callbackReplayOptions) edited(ctx context.Context, payload string) (string, error) {
	editor := o.editor()
	if editor == "" {
		return "", usageError("no editor is set: set EDITOR, or give the payload with --payload")
	}
	if payload == "" {
		return "", usageError("only callbacks have a payload to edit")
	}
	file, err := os.CreateTemp("", "onetouch-callback-*.json")
	if err != nil {
		return "", fmt.Errorf("making a file to edit: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	var spread bytes.Buffer
	if err := json.Indent(&spread, []byte(payload), "", "  "); err != nil {
		return "", fmt.Errorf("reading the payload: %w", err)
	}
	spread.WriteByte('\n')
	_, err = file.Write(spread.Bytes())
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("writing a file to edit: %w", err)
	}
	words := append(strings.Fields(editor), file.Name())
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Stdin, command.Stdout, command.Stderr = o.streams.In, o.streams.Err, o.streams.Err
	if err := command.Run(); err != nil {
		return "", failedWith(ExitFailed, "the editor %s: %w", editor, err)
	}
	content, err := os.ReadFile(file.Name())
	if err != nil {
		return "", fmt.Errorf("reading what was edited: %w", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, content); err != nil {
		return "", failedWith(ExitFailed, "what was edited is not JSON: %w", err)
	}
	return compact.String(), nil
}
