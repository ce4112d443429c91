package cli

import "testing"

func TestVersionsThatUnderstandEachOther(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		one, other string
		want       bool
	}{
		{"1.2.3", "1.2.3", true},
		{"1.2.3", "1.9.0", true},
		{"v1.2.3", "1.9.0", true},
		{"1.2.3", "2.0.0", false},
		{"0.2.3", "0.2.9", true},
		{"0.2.3", "0.3.0", false},
		{"0.0.0-20261124232000-a1b2c3d4e5f6", "0.0.0-20261125000000-0123456789ab+dirty", true}, // of one developer
		{"dev", "dev", true},
		{"dev", "1.2.3", false},
		{"", "", true},
		{"", "1.2.3", false},
		{"x.y.z", "x.z.y", false},
		{"1", "1", true},
		{"1", "1.0.0", false},
	} {
		for range 2 {
			if got := (Build{Version: test.one}).speaksWith(test.other); got != test.want {
				t.Errorf("%q speaks with %q: %t, want %t", test.one, test.other, got, test.want)
			}
			test.one, test.other = test.other, test.one
		}
	}
}

func TestAReleaseKnowsItself(t *testing.T) {
	t.Parallel()
	release := Build{Version: "1.2.3", Commit: "a1b2c3d", Date: "2026-11-24T23:20:00Z"}
	if got := release.complete(); got != release {
		t.Errorf("complete = %+v, want %+v", got, release)
	}
}
