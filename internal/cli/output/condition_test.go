package output_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	type record struct {
		Type string `json:"type"`
		User int64  `json:"user"`
		Note string `json:"note,omitempty"`
	}
	fields := output.FieldsOf(record{})
	for expression, want := range map[string]bool{
		`.type == "a"`: true, `.type == "b"`: false, `.note == null`: true, `.note`: false, `empty`: false, `.user > 9`: true,
		`.user`: true, `true, false`: true, `false, true`: false,
	} {
		condition, err := output.NewCondition(expression)
		if err != nil {
			t.Fatal(err)
		}
		if holds, err := condition.Holds(t.Context(), record{Type: "a", User: 1000}, fields); err != nil || holds != want {
			t.Errorf("%s: %t, %v, want %t", expression, holds, err, want)
		}
	}
}

func TestWrongCondition(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{"user_addd", ".a ==", "\x1b["} {
		if _, err := output.NewCondition(expression); err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: err = %v, want one of one line", expression, err)
		}
	}
	condition, err := output.NewCondition(`.a.b`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := condition.Holds(t.Context(), struct {
		A string `json:"a"`
	}{"text"}, []string{"a"}); err == nil {
		t.Error("a condition that cannot be told has held")
	}
}
