package codes_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

var digits = regexp.MustCompile(`^60\d{3}$`)

func TestTable(t *testing.T) {
	t.Parallel()
	table := codes.Table()
	if len(table) < 117 { // as many as Authy's clients and documents name
		t.Errorf("only %d rows", len(table))
	}
	bases := []codes.Basis{
		codes.Recorded, codes.RecordedMessage, codes.RecordedStatus, codes.RecordedNumber,
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
			if other := taken[refusal]; other != "" {
				t.Errorf("%s is a refusal of %s and of %s", refusal, other, row.Number)
			}
			taken[refusal] = row.Number
			p := codes.Of(problem.New(refusal, "why"))
			if p.Number != row.Number || p.Status != problem.StatusOf(refusal) || p.Message != "why" {
				t.Errorf("%s of row %s is answered as %+v", refusal, row.Number, p)
			}
		}
	}
}

// A refusal that is in no row would be answered with the number of an internal error.
func TestEveryRefusalHasARow(t *testing.T) {
	t.Parallel()
	declared := regexp.MustCompile(`Code += "([a-z_]+)"`)
	found := 0
	for _, path := range []string{"../../../onetouch/error.go", "../../problem/problem.go"} {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range declared.FindAllStringSubmatch(string(source), -1) {
			found++
			code := onetouch.Code(name[1])
			if number := codes.NumberOf(code); number == "60000" && problem.StatusOf(code) < 500 {
				t.Errorf("%s has no row", code)
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d codes were found", found)
	}
}

// The table of docs/device-api.md.
func TestDocumentedCodes(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../../../docs/device-api.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d{3}) \\| (\\d{5}) \\|").FindAllStringSubmatch(string(doc), -1)
	if len(rows) < 20 {
		t.Fatalf("only %d rows were found", len(rows))
	}
	for _, row := range rows {
		p := codes.Of(problem.New(onetouch.Code(row[1]), "why"))
		if strconv.Itoa(p.Status) != row[2] || p.Number != row[3] {
			t.Errorf("%s is documented as %s and %s, and is %d and %s", row[1], row[2], row[3], p.Status, p.Number)
		}
	}
}

// Numbers and statuses that are on record, see the reference of each row in the table's source.
func TestRecordedCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[onetouch.Code]struct {
		status    int
		errorCode string
	}{
		onetouch.CodeAPIKeyInvalid:           {401, "60001"},
		onetouch.CodeInvalidParameter:        {400, "60004"},
		onetouch.CodeUserNotFound:            {404, "60026"},
		onetouch.CodeUserNotValid:            {400, "60027"},
		onetouch.CodeApprovalRequestNotFound: {404, "60049"},
		onetouch.CodeUserWithoutDevice:       {400, "60050"},
		onetouch.CodeDeviceNotFound:          {404, "60092"},
	} {
		if p := codes.Of(problem.New(code, "")); p.Status != want.status || p.Number != want.errorCode {
			t.Errorf("%s is %d and %s, want %+v", code, p.Status, p.Number, want)
		}
	}
}

// Every code can be had by its number, whether or not our behaviour ever answers it.
func TestNamed(t *testing.T) {
	t.Parallel()
	for _, row := range codes.Table() {
		for asked, want := range map[int]int{0: row.Status, 503: 503, 418: 418} {
			named, err := codes.Named(row.Number, asked)
			if err != nil {
				t.Fatal(err)
			}
			p := codes.Of(named)
			if p.Status != want || p.Number != row.Number || p.Message != row.Message || named.Error() != row.Message || codes.IsFailure(named) {
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
		_, err := codes.Named(wrong.number, wrong.status)
		if onetouch.CodeOf(err) != onetouch.CodeInvalidParameter || !strings.Contains(err.Error(), wrong.says) {
			t.Errorf("%q with status %d: %v", wrong.number, wrong.status, err)
		}
		if errors.As(err, new(*codes.NamedError)) {
			t.Errorf("%q is a named error", wrong.number)
		}
	}
}
