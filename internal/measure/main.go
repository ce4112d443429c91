// Command measure tells what a user waits for and what a server costs: the time from starting the built binary to its
// first answer, and its resident memory when idle and after a load. Run it from the repository:
//
//	go run ./internal/measure
//
// It also tells what 'onetouch exec' adds to a command, and how much longer other servers take to start that -peer names:
//
//	go run ./internal/measure -peer "mountebank=node_modules/.bin/mb start --port PORT"
//
// Every figure is given as minimum, median and maximum of several runs, because machines are noisy.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	runs := flag.Int("runs", 11, "how often the server is started")
	calls := flag.Int("calls", 5000, "how many approval requests the load creates")
	var others peers
	flag.Var(&others, "peer", "another server to start beside 'onetouch exec', as NAME=COMMAND with PORT for its port")
	flag.Parse()
	if err := measure(context.Background(), *runs, *calls, others); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// sample is what one start of the server showed.
type sample struct {
	firstAnswer time.Duration
	idle, after int // resident memory in KiB
	rate        float64
}

func measure(ctx context.Context, runs, calls int, others peers) error {
	folder, err := os.MkdirTemp("", "onetouch-measure-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, "onetouch")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/onetouch")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the binary: %w", err)
	}
	if err := measureExec(ctx, binary, folder, runs, others); err != nil {
		return err
	}
	var samples []sample
	for run := range runs {
		s, err := once(ctx, binary, filepath.Join(folder, strconv.Itoa(run)), calls)
		if err != nil {
			return err
		}
		samples = append(samples, s)
	}
	report("start to first answer, ms", samples, func(s sample) float64 { return 1000 * s.firstAnswer.Seconds() })
	report("resident memory idle, MB", samples, func(s sample) float64 { return float64(s.idle) / 1024 })
	report("resident memory after load, MB", samples, func(s sample) float64 { return float64(s.after) / 1024 })
	report("approval requests created per second", samples, func(s sample) float64 { return s.rate })
	return nil
}

func report(name string, samples []sample, figure func(sample) float64) {
	var figures []float64
	for _, s := range samples {
		figures = append(figures, figure(s))
	}
	reportFigures(name, figures)
}

func reportFigures(name string, figures []float64) {
	figures = slices.Clone(figures)
	slices.Sort(figures)
	last := len(figures) - 1
	fmt.Printf("%-38s min %9.1f   median %9.1f   max %9.1f\n", name, figures[0], figures[last/2], figures[last])
}

// once starts a server on a new database and measures it. The API key goes through the environment.
func once(ctx context.Context, binary, home string, calls int) (sample, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return sample{}, err
	}
	server := exec.CommandContext(ctx, binary, "serve", "--addr", address)
	server.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "ONETOUCH_API_KEY=measure")
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	started := time.Now()
	if err := server.Start(); err != nil {
		return sample{}, err
	}
	defer func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
	}()
	if err := firstAnswer(address, started); err != nil {
		return sample{}, fmt.Errorf("%w; the server said: %s", err, log.String())
	}
	s := sample{firstAnswer: time.Since(started)}
	if s.idle, err = residentMemory(server.Process.Pid); err != nil {
		return sample{}, err
	}
	if s.rate, err = load(ctx, "http://"+address, calls); err != nil {
		return sample{}, err
	}
	s.after, err = residentMemory(server.Process.Pid)
	return s, err
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// firstAnswer asks without a pause until the server answers.
func firstAnswer(address string, started time.Time) error {
	for time.Since(started) < 10*time.Second {
		answer, err := http.Get("http://" + address + "/healthz")
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("no answer within 10 seconds")
}

// residentMemory reads VmRSS, in KiB.
func residentMemory(pid int) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the server's memory (Linux only): %w", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("the kernel does not tell VmRSS")
	}
	return strconv.Atoi(fields[0])
}

// load creates approval requests over eight connections and returns how many a second.
func load(ctx context.Context, base string, calls int) (float64, error) {
	const connections = 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	post := func(path, body string) (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(body))
		if err != nil {
			return "", err
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Authy-API-Key", "measure")
		answer, err := client.Do(request)
		if err != nil {
			return "", err
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s answered %s: %s", path, answer.Status, text)
		}
		return string(text), err
	}
	user, err := post("/protected/json/users/new", `{"user":{"email":"a@b.co","cellphone":"202-555-0158"}}`)
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(user, `"id":`)
	id, _, _ := strings.Cut(rest, "}")
	path := "/onetouch/json/users/" + id + "/approval_requests"
	const body = `{"message":"Send $12,400 to ACME?","details":{"Amount":"$12,400","To":"ACME"},"seconds_to_expire":600}`
	started := time.Now()
	var work sync.WaitGroup
	failures := make(chan error, connections)
	for range connections {
		work.Go(func() {
			for range calls / connections {
				if _, err := post(path, body); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	work.Wait()
	close(failures)
	if err := <-failures; err != nil {
		return 0, err
	}
	return float64(calls/connections*connections) / time.Since(started).Seconds(), nil
}
