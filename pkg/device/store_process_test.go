package device_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/device"
)

// counterFolder is the environment variable that turns the test binary into one of several processes on one store.
const counterFolder = "ONETOUCH_TEST_COUNTER_FOLDER"

const pushesCounted = 40

// countPushes is such a process: it hears pushes, and keeps the number of each.
func countPushes(folder string) (exitCode int) {
	s := device.NewStore(folder)
	for range pushesCounted {
		if err := s.Update(7, func(c *device.Credentials) { c.LastEventID++ }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println("at work")
	}
	return 0
}

// No process's change is lost to another's, nor to one that is killed while it writes.
func TestStoreBetweenProcesses(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t)
	save(t, s, 7)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const processes = 3
	var running sync.WaitGroup
	for range processes {
		running.Go(func() {
			process := exec.CommandContext(t.Context(), program)
			process.Env = append(os.Environ(), counterFolder+"="+dir)
			if output, err := process.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, output)
			}
		})
	}
	running.Wait()
	c, err := s.Load(7)
	if err != nil || c.LastEventID != processes*pushesCounted {
		t.Errorf("of %d changes %d are kept, %v", processes*pushesCounted, c.LastEventID, err)
	}
}

// The lock goes with its holder, however that ends.
func TestKilledProcessLeavesNoLock(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t)
	save(t, s, 7)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		process := exec.CommandContext(t.Context(), program)
		process.Env = append(os.Environ(), counterFolder+"="+dir)
		output, err := process.StdoutPipe()
		if err == nil {
			err = process.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := output.Read(make([]byte, 1)); err != nil { // until it is at work
			t.Fatal(err)
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // it was killed
		if err := s.Update(7, func(c *device.Credentials) { c.LastEventID = 0 }); err != nil {
			t.Fatal(err)
		}
	}
}
