package spelling_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/spelling"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"email", "phone", "country_code", "devices", "ä"}
	for word, want := range map[string]string{
		"emial": "email", "emal": "email", "Email": "email", "phones": "phone", "countrycode": "country_code", "device": "devices",
		"ö": "ä", "colour": "", "xyz": "", strings.Repeat("email", 20): "",
	} {
		nearest, meant := spelling.Nearest(word, known)
		if meant != (want != "") || meant && nearest != want {
			t.Errorf("Nearest(%q) is %q, meant: %t; want %q", word, nearest, meant, want)
		}
	}
	if nearest, meant := spelling.Nearest("email", nil); meant || nearest != "" {
		t.Errorf("of no words %q is meant", nearest)
	}
}
