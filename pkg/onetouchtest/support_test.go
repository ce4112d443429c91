package onetouchtest_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder stands in for the T of a test: in examples, which have none, and where a test has to fail.
type recorder struct {
	testing.TB // none: what is not below is not used

	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	cleanups []func()
	failures []string
	log      []string
}

func newRecorder() *recorder {
	r := &recorder{}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// fails runs a test to its end and returns what it is said to have failed with.
func fails(test func(t testing.TB)) *recorder {
	r := newRecorder()
	ended := make(chan struct{})
	go func() { // Fatalf ends the goroutine of a test
		defer close(ended)
		defer r.end()
		test(r)
	}()
	<-ended
	return r
}

// end is the end of the test.
func (r *recorder) end() {
	r.cancel()
	for _, cleanup := range slices.Backward(r.cleanups) {
		cleanup()
	}
	r.cleanups = nil
}

// finish is end, for examples: it prints what the test has failed with.
func (r *recorder) finish() {
	r.end()
	for _, failure := range r.failures {
		fmt.Fprintln(os.Stdout, "FAIL:", failure)
	}
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Cleanup(f func())         { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

func (r *recorder) Errorf(format string, values ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, values...))
}

func (r *recorder) Fatalf(format string, values ...any) {
	r.Errorf(format, values...)
	runtime.Goexit()
}

func (r *recorder) Logf(format string, values ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf(format, values...))
}

func (r *recorder) failed() string { return strings.Join(r.failures, "\n") }
