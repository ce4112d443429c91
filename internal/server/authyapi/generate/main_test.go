package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// The page that is checked in is what the tables give today.
func TestNothingHasDrifted(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../../../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != document() {
		t.Error("docs/compatibility.md is not what the tables give: run go generate ./...")
	}
}

// Every switch is a setting of an application, as the operator sees it.
func TestSwitchesExist(t *testing.T) {
	t.Parallel()
	var settings []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[controlapi.Application]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		settings = append(settings, name)
	}
	found := 0
	for _, d := range decisions {
		if d.question == "" || d.answer == "" {
			t.Errorf("decision %+v", d)
		}
		if d.setting == "" {
			continue
		}
		found++
		if all := "," + strings.Join(settings, ",") + ","; !strings.Contains(all, ","+d.setting+",") {
			t.Errorf("%s is no setting of an application: %v", d.setting, settings)
		}
	}
	if found == 0 {
		t.Error("there is no switch")
	}
}
