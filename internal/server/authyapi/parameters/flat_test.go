package parameters_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
)

func TestForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ contentType, body, numbered, bare string }{
		{"", "", "", ""},
		{formType, "b=val%7Cue%262&a=value+1", "b=val|ue&2&a=value 1", "b=val|ue&2&a=value 1"},
		{formType, "events[]=x&events[]=y&user[a][b]=1", "events[0]=x&events[1]=y&user[a][b]=1", "events[]=x&events[]=y&user[a][b]=1"},
		{formType, "events[0]=x&events[1]=y", "events[0]=x&events[1]=y", "events[0]=x&events[1]=y"},
		{jsonType, `{"a":{"b":null,"c":[]},"d":[{"e":1},true],"f":""}`, "d[0][e]=1&d[1]=true&f=", "d[][e]=1&d[]=true&f="},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "DELETE", "/", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.contentType)
		p, err := parameters.Read(r, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for numbered, want := range map[bool]string{true: c.numbered, false: c.bare} {
			got := p.Form(numbered)
			if plain, err := url.QueryUnescape(got); err != nil || plain != want {
				t.Errorf("%s: got %s (%v), want %s", c.body, plain, err, want)
			}
		}
	}
}
