// Command measure tells what a user waits for and what a server costs: the time from starting the built binary to its
// first answer, its resident memory when idle and after a load, and how long a backend waits for the callback of a signed
// approval. Run it from the repository:
//
//	go run ./internal/measure
//
// It also tells what 'onetouch exec' adds to a command. With -npm it puts Prism and mountebank beside the server, in the
// same run and by turns; they are fetched from npm into a folder that is removed again, and answer the same call with a
// canned text. -peer has any other server started beside 'onetouch exec':
//
//	go run ./internal/measure -npm -peer "another=its/command --port PORT"
//
// Every figure is given as minimum, median and maximum of several runs, because machines are noisy.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	o := options{connections: connections{8, 32}}
	flag.IntVar(&o.runs, "runs", 11, "how often each server is started")
	flag.IntVar(&o.calls, "calls", 5000, "how many approval requests each load creates")
	flag.Var(&o.connections, "connections", "how many clients ask at once, one load after the other")
	flag.IntVar(&o.rate, "rate", 100, "approvals a second while their callbacks are timed")
	flag.DurationVar(&o.steady, "for", 10*time.Second, "how long callbacks are timed")
	flag.BoolVar(&o.npm, "npm", false, "put Prism and mountebank beside it, which npm fetches")
	flag.Var(&o.others, "peer", "another server to start beside 'onetouch exec', as NAME=COMMAND with PORT for its port")
	flag.Parse()
	if err := measure(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

type options struct {
	runs, calls, rate int
	steady            time.Duration
	connections       connections
	npm               bool
	others            peers
}

func measure(ctx context.Context, o options) error {
	folder, err := os.MkdirTemp("", "onetouch-measure-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, "onetouch")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/onetouch")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as releases are built
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the binary: %w", err)
	}
	if err := measureExec(ctx, binary, folder, o.runs, o.others); err != nil {
		return err
	}
	contenders := []contender{ours(binary, folder)}
	if o.npm {
		fetched, err := fromNPM(ctx, folder)
		if err != nil {
			return err
		}
		contenders = append(contenders, fetched...)
	}
	if err := measureServers(ctx, contenders, o); err != nil {
		return err
	}
	return measureCallbacks(ctx, binary, folder, o.rate, o.steady)
}

func reportFigures(name string, figures []float64) {
	figures = slices.Clone(figures)
	slices.Sort(figures)
	last := len(figures) - 1
	fmt.Printf("%-44s min %9.1f   median %9.1f   max %9.1f\n", name, figures[0], figures[last/2], figures[last])
}
