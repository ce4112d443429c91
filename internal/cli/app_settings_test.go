package cli

import (
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// A setting that is added to applications and not to the command line is found here.
func TestEverySettingOfAnApplicationHasAFlag(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"callback-url": "http://127.0.0.1/", "callback-method": "GET", "push": "backend"}
	for _, field := range output.FieldsOf(onetouch.ApplicationSettings{}) {
		flag := strings.ReplaceAll(field, "_", "-")
		var s onetouch.ApplicationSettings
		cmd := &cobra.Command{}
		addSettingFlags(cmd, &s)
		cmd.Flags().Var(someText(&s.Name), "name", "")
		found := cmd.Flags().Lookup(flag)
		if found == nil {
			t.Errorf("there is no --%s", flag)
			continue
		}
		text := texts[flag]
		if text == "" {
			text = map[string]string{"string": "some", "number": "7", "bool": "false"}[found.Value.Type()]
		}
		if err := cmd.ParseFlags([]string{"--" + flag + "=" + text}); err != nil {
			t.Errorf("--%s: %v", flag, err)
		}
		if set := fieldsThatAreSet(s); set != field {
			t.Errorf("--%s sets %q", flag, set)
		}
	}
}

// fieldsThatAreSet names them as JSON does.
func fieldsThatAreSet(s onetouch.ApplicationSettings) string {
	var set []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(s)) {
		if !field.Anonymous && !reflect.ValueOf(s).FieldByIndex(field.Index).IsZero() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			set = append(set, name)
		}
	}
	return strings.Join(set, " ")
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{
		"--suspended": true, "--suspended=true": true, "--suspended=false": false, "--suspended=0": false,
	} {
		var s onetouch.ApplicationSettings
		cmd := &cobra.Command{}
		addSettingFlags(cmd, &s)
		if err := cmd.ParseFlags([]string{arg}); err != nil || s.Suspended == nil || *s.Suspended != want {
			t.Errorf("%s: %v, %v, want %t", arg, s.Suspended, err, want)
		}
	}
}

func TestKeysAreNoFieldsElsewhere(t *testing.T) {
	t.Parallel()
	fields := fieldsWithoutKeys()
	if len(fields) != len(output.FieldsOf(controlapi.Application{}))-4 {
		t.Errorf("fields without the four keys: %v", fields)
	}
	for _, field := range fields {
		if strings.Contains(field, "key") {
			t.Errorf("%s is a key", field)
		}
	}
}
