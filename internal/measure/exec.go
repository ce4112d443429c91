package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// peers are other programs that a test suite could start, each as NAME=COMMAND in which PORT is the port to serve on.
type peers []string

// String is for the help text.
func (p *peers) String() string { return strings.Join(*p, ", ") }

// Set adds one.
func (p *peers) Set(text string) error {
	if name, command, found := strings.Cut(text, "="); !found || name == "" || !strings.Contains(command, "PORT") {
		return errors.New("a peer is NAME=COMMAND, with PORT for the port in the command")
	}
	*p = append(*p, text)
	return nil
}

// measureExec tells what 'onetouch exec' costs a command: beside the command alone and beside starting each peer, in turns
// so that all meet the same machine.
func measureExec(ctx context.Context, binary, home string, runs int, others peers) error {
	environment := append(os.Environ(), "HOME="+home, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=")
	timed := func(line ...string) (float64, error) {
		command := exec.CommandContext(ctx, line[0], line[1:]...)
		command.Env = environment
		started := time.Now()
		err := command.Run()
		return milliseconds(time.Since(started)), err
	}
	var alone, under []float64
	started := map[string][]float64{}
	for range runs {
		one, err := timed("true")
		if err != nil {
			return err
		}
		other, err := timed(binary, "exec", "--", "true")
		if err != nil {
			return fmt.Errorf("onetouch exec -- true: %w", err)
		}
		alone, under = append(alone, one), append(under, other)
		for _, peer := range others {
			took, err := startOfPeer(ctx, peer)
			if err != nil {
				return err
			}
			started[peer] = append(started[peer], took)
		}
	}
	extra := median(under) - median(alone)
	reportFigures("true, ms", alone)
	reportFigures("onetouch exec -- true, ms", under)
	fmt.Printf("%-44s %17s median %9.1f\n", "which is more by, ms", "", extra)
	for _, peer := range others {
		name, _, _ := strings.Cut(peer, "=")
		reportFigures(name+" to first answer, ms", started[peer])
		fmt.Printf("%-44s %17s median %9.1f\n", "which is times that", "", median(started[peer])/extra)
	}
	return nil
}

func milliseconds(took time.Duration) float64 { return 1000 * took.Seconds() }

func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[(len(sorted)-1)/2]
}

// startOfPeer is the time from starting a peer to its first answer, whatever that says, in milliseconds.
func startOfPeer(ctx context.Context, peer string) (float64, error) {
	port, err := freePort(ctx)
	if err != nil {
		return 0, err
	}
	name, line, _ := strings.Cut(peer, "=")
	words := strings.Fields(strings.ReplaceAll(line, "PORT", port))
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Stdout, command.Stderr = io.Discard, io.Discard
	started := time.Now()
	if err := command.Start(); err != nil {
		return 0, fmt.Errorf("starting %s: %w", name, err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	if err := firstAnswer("http://127.0.0.1:"+port+"/", started); err != nil {
		return 0, fmt.Errorf("%s gave %w", name, err)
	}
	return milliseconds(time.Since(started)), nil
}
