package cli_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// completers complete the text of $LINE in a shell that has loaded the script at $COMPLETIONS. Each prints, one on a line,
// what the last word can become; nothing when there is nothing.
const (
	bashCompleter = `
source /usr/share/bash-completion/bash_completion
source "$COMPLETIONS/onetouch.bash"
eval "COMP_WORDS=($LINE)"
[ "${LINE% }" = "$LINE" ] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_TYPE=63 COMP_KEY=9
compopt() { :; } # works only while the line editor asks
complete -p onetouch >/dev/null || exit
__start_onetouch onetouch "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}" | grep . || true
`
	// The line editor has no batch mode: its own hook types the line and asks, and then writes down what it was offered.
	zshCompleter = `
TERM=dumb
fpath=("$COMPLETIONS" $fpath)
autoload -Uz compinit && compinit -u -D
zmodload zsh/complist
compadd() { # notes what the completion offers, and passes it on
  local -a offered
  builtin compadd -O offered "$@"
  print -rl -- $offered >>"$OFFERED"
  builtin compadd "$@"
}
zle-line-init() {
  BUFFER=$LINE CURSOR=${#LINE}
  zle list-choices
  BUFFER=exit
  zle accept-line
}
zle -N zle-line-init
`
	fishCompleter = `
source "$COMPLETIONS/onetouch.fish"
complete -C "$LINE"
`
)

func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	bash := testneeds.Shell(t, testneeds.Bash)
	completeInSessions(t, func(ts *testscript.TestScript) error {
		return ts.Exec(bash, "--norc", "--noprofile", "-c", bashCompleter)
	})
}

func TestCompletionInZsh(t *testing.T) {
	t.Parallel()
	zsh := testneeds.Shell(t, testneeds.Zsh)
	completeInSessions(t, func(ts *testscript.TestScript) error {
		config := ts.MkAbs(".zsh")
		if err := os.MkdirAll(config, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(config, ".zshrc"), []byte(zshCompleter), 0o600); err != nil {
			return err
		}
		offered := filepath.Join(config, "offered")
		if err := os.WriteFile(offered, nil, 0o600); err != nil {
			return err
		}
		cmd := exec.CommandContext(t.Context(), zsh, "-d", "-i")
		cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "ZDOTDIR="+config, "OFFERED="+offered)
		for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "PATH", "GORACE", "LINE", "COMPLETIONS"} {
			cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
		}
		if err := runOnTerminal(cmd); err != nil {
			return err
		}
		content, err := os.ReadFile(offered)
		if err != nil {
			return err
		}
		_, err = ts.Stdout().Write(content)
		return err
	})
}

// runOnTerminal runs a program that wants a terminal, whatever it shows there.
func runOnTerminal(cmd *exec.Cmd) error {
	terminal, err := pty.Start(cmd)
	if err != nil {
		return err
	}
	defer func() { _ = terminal.Close() }()
	_, _ = io.Copy(io.Discard, terminal) // until nobody holds the other end
	return cmd.Wait()
}

func TestCompletionInFish(t *testing.T) {
	t.Parallel()
	fish := testneeds.Shell(t, testneeds.Fish)
	completeInSessions(t, func(ts *testscript.TestScript) error {
		return ts.Exec(fish, "--no-config", "-c", fishCompleter)
	})
}

func completeInSessions(t *testing.T, run func(*testscript.TestScript) error) {
	t.Helper()
	completions, err := filepath.Abs(filepath.Join("..", "..", "completions"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "shell"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("COMPLETIONS", completions)
			return setUpHome(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"let": let, "ready": ready,
			// complete LINE: prints what the last word of the line can become.
			"complete": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: complete LINE")
				}
				ts.Setenv("LINE", args[0])
				ts.Check(run(ts))
			},
		},
	})
}
