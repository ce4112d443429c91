package cli

import (
	"fmt"
	"os"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/migrate"
)

// recordingHelp says what a recording is, for the commands that take one.
const recordingHelp = "those in a RECORDING: an HTTP archive (HAR) of a browser or proxy, or a report of\n" +
	"'onetouch exec --report FILE.json'; - reads one from the standard input."

// Answers to a recording in which nothing is.
const (
	noCallsOfServer    = "the running server answered no call of the Authy API: run your test suite against it"
	noCallsOfRecording = "the recording has no call of the Authy API"
)

// recordingOf reads a recording from a file, or from the standard input for "-".
func (d display) recordingOf(name string) (migrate.Recording, error) {
	in := d.streams.In
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return migrate.Recording{}, fmt.Errorf("reading the recording: %w", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return migrate.ReadRecording(in)
}

// recordingWord is how a recording is named in a command line that is shown, with a space behind it.
func recordingWord(name string) string {
	if name == "" {
		return ""
	}
	return output.Sanitise(name) + " "
}

// chosenApp is the application that the user named; "" when they did not.
func chosenApp(c *Connection) string {
	if !c.chosen {
		return ""
	}
	return c.Application.ID
}
