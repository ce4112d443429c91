package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// NewCmdCallback returns the commands about callbacks.
func NewCmdCallback(f *Factory) *cobra.Command {
	group := newGroup("callback", "See, repeat, receive, sign, verify and audit callbacks",
		NewCmdCallbackList(f), NewCmdCallbackShow(f), NewCmdCallbackReplay(f), NewCmdCallbackPing(f),
		NewCmdCallbackListen(f), NewCmdCallbackSign(f), NewCmdCallbackVerify(f), NewCmdCallbackAudit(f))
	group.Long = "See, repeat, receive, sign, verify and audit callbacks: how your backend hears that a user has answered.\n" +
		"docs/callbacks.md has the rules of the signature."
	return group
}

// keyChoice says by which API keys a callback is signed or verified.
type keyChoice struct {
	keys []string
	file string
	read func(context.Context, *keyChoice) ([]string, error)
}

// addKeyFlags gives cmd the flags that choose API keys; several says whether it has a use for more than one.
func addKeyFlags(f *Factory, cmd *cobra.Command, choice *keyChoice, several bool) {
	more, moreInFile := "", ""
	if several {
		more, moreInFile = "; repeat it for others that may have been used", ", each on a line"
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&choice.keys, config.KeyAPIKey, nil,
		"API `KEY` of the application (default that of the settings, or of the workspace)"+more)
	flags.StringVar(&choice.file, "api-key-file", "", "`FILE` with the API key"+moreInFile+", which hides it from other users")
	choice.read = f.apiKeys
}

// apiKeys are those that were chosen: by flags, in a file, in the settings, or that of the workspace's application.
func (f *Factory) apiKeys(ctx context.Context, choice *keyChoice) ([]string, error) {
	keys := choice.keys
	if choice.file != "" {
		inFile, err := keysOfFile(choice.file)
		if err != nil {
			return nil, err
		}
		keys = append(keys, inFile...)
	}
	for _, key := range keys {
		if key == "" {
			return nil, usageError("--%s is empty", config.KeyAPIKey)
		}
	}
	if len(keys) > 0 {
		return keys, nil
	}
	settings, workspace, err := f.Workspace(nil)
	if err != nil {
		return nil, err
	}
	if settings.APIKey != "" {
		return []string{settings.APIKey}, nil
	}
	return f.workspaceKey(ctx, settings, workspace)
}

// workspaceKey is the key of the application that commands speak for, if there is one: no workspace is made to find it.
func (f *Factory) workspaceKey(ctx context.Context, settings config.Settings, workspace config.Workspace) ([]string, error) {
	_, running, err := server.FindServer(workspace.Announcement())
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(workspace.Database()); err != nil && !running && settings.Server == "" {
		return nil, usageError("the API key is missing: give it with --api-key-file, %s or --%s",
			config.Variable(config.KeyAPIKey), config.KeyAPIKey)
	}
	c, err := f.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Discard(ctx)
	return []string{c.Application.APIKey}, nil
}

func keysOfFile(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading --api-key-file: %w", err)
	}
	keys := strings.FieldsFunc(string(text), func(c rune) bool { return c == '\n' || c == '\r' })
	if len(keys) == 0 {
		return nil, usageError("--api-key-file %s is empty", file)
	}
	return keys, nil
}

// callbackTarget says where a callback goes.
type callbackTarget struct {
	url    string
	method string
}

// addTargetFlags gives cmd the flags of a target. Both have a default among the settings.
func addTargetFlags(cmd *cobra.Command, target *callbackTarget) {
	flags := cmd.Flags()
	flags.StringVar(&target.url, "url", "", "`URL` that the service was told to call (default that of the settings)")
	addMethodFlag(cmd, &target.method)
}

func addMethodFlag(cmd *cobra.Command, method *string) {
	cmd.Flags().StringVar(method, "method", "", "`METHOD` of the callback: POST or GET (default that of the settings, or POST)")
	completes(cmd, "method", completeWords(http.MethodPost, http.MethodGet))
}

// complete fills in what the settings say.
func (t *callbackTarget) complete(settings config.Settings) error {
	if t.url == "" && settings.CallbackURL != nil {
		t.url = *settings.CallbackURL
	}
	if t.url == "" {
		return usageError("--url is missing: say which URL the service was told to call")
	}
	if _, err := callback.SigningURL(t.url); err != nil {
		return usageError("--url: %s", withoutKind(err))
	}
	var err error
	t.method, err = methodOr(t.method, settings)
	return err
}

func methodOr(method string, settings config.Settings) (string, error) {
	if method == "" {
		method = settings.CallbackMethod
	}
	switch method = strings.ToUpper(method); method {
	case "":
		return http.MethodPost, nil
	case http.MethodPost, http.MethodGet:
		return method, nil
	default:
		return "", usageError("--method %q must be POST or GET", method)
	}
}

// withoutKind is an error of package callback without the words that say which kind it is.
func withoutKind(err error) string {
	text := err.Error()
	for _, kind := range []error{callback.ErrMalformed, callback.ErrTooLarge} {
		text = strings.TrimPrefix(text, kind.Error()+": ")
	}
	return text
}

// maxPayload bounds a payload that is read, in bytes. It is far more than the service sends.
const maxPayload = 16 << 20

// readPayload reads the payload of a callback from the standard input.
func readPayload(s *output.Streams) ([]byte, error) {
	if s.Terminal.In {
		hint(s, "Type or paste the payload; Ctrl-D ends it.")
	}
	payload, err := io.ReadAll(io.LimitReader(s.In, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("reading the payload: %w", err)
	}
	if len(payload) > maxPayload {
		return nil, failedWith(ExitFailed, "the payload has more than %d MiB", maxPayload>>20)
	}
	return payload, nil
}

// newNonce is a nonce as the service makes it: the time in epoch seconds.
func newNonce() string { return strconv.FormatInt(time.Now().Unix(), 10) }

// callbackError words an error of package callback.
func callbackError(err error) error {
	if errors.Is(err, callback.ErrMalformed) || errors.Is(err, callback.ErrTooLarge) {
		return failedWith(ExitFailed, "%s", withoutKind(err))
	}
	return err
}
