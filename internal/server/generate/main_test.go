package main

import (
	"os"
	"strings"
	"testing"
)

// The page that is checked in is what the router's table gives today.
func TestNothingHasDrifted(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../../../docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	filled, err := fill(t.Context(), string(kept))
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != filled {
		t.Error("docs/threats.md is not what the routes give: run go generate ./internal/server")
	}
	for _, row := range []string{"| `/healthz` | GET | anybody |", "| `/device/v1/device` | DELETE, GET, PUT | a device, with its access token |"} {
		if !strings.Contains(filled, row+"\n") {
			t.Errorf("there is no row %s", row)
		}
	}
}

func TestPageWithoutPlace(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"", begins, ends, ends + begins} {
		if _, err := fill(t.Context(), page); err == nil {
			t.Errorf("%q has a place for the table", page)
		}
	}
}
