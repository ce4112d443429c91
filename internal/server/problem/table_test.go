package problem_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

func TestTable(t *testing.T) {
	t.Parallel()
	table := problem.Table()
	if len(table) < 117 { // as many as Authy's clients and documents name
		t.Errorf("only %d rows", len(table))
	}
	bases := []problem.Basis{
		problem.Recorded, problem.RecordedMessage, problem.RecordedStatus, problem.RecordedNumber,
	}
	taken := map[onetouch.Code]string{}
	for i, row := range table {
		if i > 0 && table[i-1].Number >= row.Number {
			t.Errorf("%s comes after %s", row.Number, table[i-1].Number)
		}
		if !digits.MatchString(row.Number) || row.Status < 400 || row.Status > 599 || !slices.Contains(bases, row.Basis) ||
			row.Meaning == "" || row.Message == "" || row.Source == "" || strings.ContainsAny(row.Message, "\n|") {
			t.Errorf("row %+v", row)
		}
		for _, refusal := range row.Refusals {
			if other := taken[refusal.Code]; other != "" {
				t.Errorf("%s is a refusal of %s and of %s", refusal.Code, other, row.Number)
			}
			taken[refusal.Code] = row.Number
			p := problem.Of(problem.New(refusal.Code, "why"))
			if p.ErrorCode != row.Number || p.Status != refusal.Status || p.Message != "why" {
				t.Errorf("%s of row %s is answered as %+v", refusal.Code, row.Number, p)
			}
		}
	}
}

// Every code can be had by its number, whether or not our behaviour ever answers it.
func TestNamed(t *testing.T) {
	t.Parallel()
	for _, row := range problem.Table() {
		for asked, want := range map[int]int{0: row.Status, 503: 503, 418: 418} {
			named, err := problem.Named(row.Number, asked)
			if err != nil {
				t.Fatal(err)
			}
			p := problem.Of(named)
			if p.Status != want || p.ErrorCode != row.Number || p.Message != row.Message || named.Error() != row.Message {
				t.Errorf("%s with status %d is %+v", row.Number, asked, p)
			}
		}
	}
	for _, wrong := range []struct {
		number string
		status int
		says   string
	}{
		{"", 0, "error code"}, {"60", 0, `"60"`}, {"99999", 0, "60050"}, {"60001x", 0, "60001x"}, {"60001", 200, "status"},
		{"60001", -1, "status"}, {"60001", 600, "status"}, {"60001", 399, "from 400"},
	} {
		_, err := problem.Named(wrong.number, wrong.status)
		if onetouch.CodeOf(err) != onetouch.CodeInvalidParameter || !strings.Contains(err.Error(), wrong.says) {
			t.Errorf("%q with status %d: %v", wrong.number, wrong.status, err)
		}
		if errors.As(err, new(*problem.NamedError)) {
			t.Errorf("%q is a named error", wrong.number)
		}
	}
}
