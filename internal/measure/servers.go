package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// contender is a server that answers the call of a backend that asks for an approval.
type contender struct {
	name string
	// start gives the command that serves on a port of this machine, with files in a folder of its own.
	start func(ctx context.Context, folder, port string) (*exec.Cmd, error)
	ready string // a path that is answered as soon as anything is
	// prepare does what is left before the load, and says where to post to.
	prepare func(ctx context.Context, base string) (url string, err error)
}

// apiKey is of the server that is measured, and reaches it through the environment.
const apiKey = "measure"

// question is what a backend posts, to every contender.
const question = `{"message":"Send $12,400 to ACME?","details":{"Amount":"$12,400","To":"ACME"},"seconds_to_expire":600}`

// ours is the built binary on a new database file.
func ours(binary, home string) contender {
	return contender{
		name: "onetouch", ready: "/healthz",
		start: func(ctx context.Context, folder, port string) (*exec.Cmd, error) {
			return serve(ctx, binary, filepath.Join(home, folder), "--addr", "127.0.0.1:"+port), nil
		},
		prepare: func(ctx context.Context, base string) (string, error) {
			const ada = `{"user":{"email":"a@b.co","cellphone":"202-555-0158"}}`
			user, err := post(ctx, http.DefaultClient, base+"/protected/json/users/new", ada)
			_, rest, _ := strings.Cut(user, `"id":`)
			id, _, _ := strings.Cut(rest, "}")
			return base + "/onetouch/json/users/" + id + "/approval_requests", err
		},
	}
}

func serve(ctx context.Context, binary, home string, flags ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, binary, append([]string{"serve"}, flags...)...)
	command.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "ONETOUCH_API_KEY="+apiKey)
	return command
}

// sample is what one start of a server showed.
type sample struct {
	firstAnswer time.Duration
	idle, after int       // resident memory in KiB
	rates       []float64 // for each number of connections
}

// measureServers starts the contenders by turns, and puts the first of them beside each other one.
func measureServers(ctx context.Context, contenders []contender, o options) error {
	samples := make([][]sample, len(contenders))
	for run := range o.runs {
		for i, c := range contenders {
			s, err := once(ctx, c, c.name+"-"+strconv.Itoa(run), o)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			samples[i] = append(samples[i], s)
		}
	}
	for _, figure := range figures(o.connections) {
		first := figure.of(samples[0])
		for i, c := range contenders {
			values := figure.of(samples[i])
			reportFigures(c.name+": "+figure.name, values)
			if i > 0 {
				fmt.Printf("%-44s %17s median %9.2f\n", "  which is times that of "+contenders[0].name, "", median(values)/median(first))
			}
		}
	}
	return nil
}

// figure is one of the numbers of a sample.
type figure struct {
	name  string
	value func(sample) float64
}

func figures(connections []int) []figure {
	const kibibytes = 1024
	all := []figure{
		{"start to first answer, ms", func(s sample) float64 { return milliseconds(s.firstAnswer) }},
		{"memory idle, MiB", func(s sample) float64 { return float64(s.idle) / kibibytes }},
		{"memory after load, MiB", func(s sample) float64 { return float64(s.after) / kibibytes }},
	}
	for i, number := range connections {
		name := fmt.Sprintf("requests created per second, %d at once", number)
		all = append(all, figure{name, func(s sample) float64 { return s.rates[i] }})
	}
	return all
}

func (f figure) of(samples []sample) []float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, f.value(s))
	}
	return values
}

// once starts a server and measures it.
func once(ctx context.Context, c contender, folder string, o options) (s sample, err error) {
	port, err := freePort(ctx)
	if err != nil {
		return sample{}, err
	}
	command, err := c.start(ctx, folder, port)
	if err != nil {
		return sample{}, err
	}
	base := "http://127.0.0.1:" + port
	started := time.Now()
	stop, err := running(command)
	if err != nil {
		return sample{}, err
	}
	defer func() { err = stop(err) }()
	if err := firstAnswer(base+c.ready, started); err != nil {
		return sample{}, err
	}
	s.firstAnswer = time.Since(started)
	url, err := c.prepare(ctx, base)
	if err != nil {
		return sample{}, err
	}
	if s.idle, err = residentMemory(command.Process.Pid); err != nil {
		return sample{}, err
	}
	for _, number := range o.connections {
		rate, err := load(ctx, url, number, o.calls)
		if err != nil {
			return sample{}, err
		}
		s.rates = append(s.rates, rate)
	}
	s.after, err = residentMemory(command.Process.Pid)
	return s, err
}

// running starts a command. stop ends it, and adds to an error what the command had said.
func running(command *exec.Cmd) (stop func(error) error, err error) {
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		return nil, err
	}
	return func(err error) error {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		if err != nil {
			return fmt.Errorf("%w; the server said: %s", err, said.String())
		}
		return nil
	}, nil
}

func freePort(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port, listener.Close()
}

// firstAnswer asks without a pause until the server answers, whatever that says.
func firstAnswer(url string, started time.Time) error {
	for time.Since(started) < time.Minute {
		answer, err := http.Get(url) //nolint:gosec // an address of this machine
		if err == nil {
			return answer.Body.Close()
		}
	}
	return errors.New("no answer within a minute")
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

// post sends JSON and returns the answer, which has to be a success.
func post(ctx context.Context, client *http.Client, url, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Authy-API-Key", apiKey)
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s answered %s: %s", url, answer.Status, text)
	}
	return string(text), err
}
