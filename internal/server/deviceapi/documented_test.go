package deviceapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// document is the contract that devices are written against.
var document = sync.OnceValue(func() string {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "device-api.md"))
	if err != nil {
		panic(err)
	}
	return string(text)
})

// refusals is the table of errors in the document. The tests hold the server to it.
var refusals = sync.OnceValue(func() map[onetouch.Code]refusal {
	table := map[onetouch.Code]refusal{}
	row := regexp.MustCompile("(?m)^\\| (`[a-z_`, ]+`) \\| ([0-9]{3}) \\| ([0-9]{5}) \\|")
	for _, cells := range row.FindAllStringSubmatch(document(), -1) {
		status, err := strconv.Atoi(cells[2])
		if err != nil {
			panic(err)
		}
		for name := range strings.SplitSeq(strings.ReplaceAll(cells[1], "`", ""), ", ") {
			table[onetouch.Code(name)] = refusal{onetouch.Code(name), status, cells[3]}
		}
	}
	return table
})

func TestDocumentedRefusals(t *testing.T) {
	t.Parallel()
	if len(refusals()) < 25 {
		t.Errorf("only %d refusals were found in the document", len(refusals()))
	}
	for code, want := range refusals() {
		p := codes.Of(problem.New(code, "why"))
		if got := (refusal{p.Code, p.Status, p.Number}); got != want {
			t.Errorf("the document says %+v, the server answers %+v", want, got)
		}
	}
}

func TestDocumentedCalls(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for _, r := range deviceapi.New(f.service, deviceapi.Options{}).Family().Routes {
		heading := regexp.MustCompile("(?m)^##+ `" + regexp.QuoteMeta(r.Method+" "+r.Path) + "[`?]")
		if !heading.MatchString(document()) {
			t.Errorf("%s %s is not documented", r.Method, r.Path)
		}
	}
}
