package cli

import (
	"strings"

	"github.com/onetouchkit/onetouch/internal/fixture"
)

// SeedSchema is the JSON schema of seed files. It says of the settings of an application what their flags say.
func SeedSchema() ([]byte, error) {
	about := map[string]string{"name": "name of the application", "events": "types of events that it is told of"}
	for _, s := range settingsOfApp() {
		about[strings.ReplaceAll(s.name, "-", "_")] = strings.ReplaceAll(s.usage, "`", "")
	}
	return fixture.Schema(func(setting string) string { return about[setting] })
}
