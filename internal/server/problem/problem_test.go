package problem_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// codesIn lists the constants of type Code (or onetouch.Code) that a source file declares.
func codesIn(t *testing.T, path string) []onetouch.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var codes []onetouch.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isSpec := n.(*ast.ValueSpec)
		if !isSpec || !isCode(spec.Type) {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, onetouch.Code(text))
		}
		return true
	})
	return codes
}

func isCode(kind ast.Expr) bool {
	if selector, qualified := kind.(*ast.SelectorExpr); qualified {
		kind = selector.Sel
	}
	name, isName := kind.(*ast.Ident)
	return isName && name.Name == "Code"
}

var digits = regexp.MustCompile(`^60\d{3}$`)

// A code without a row would be answered as an internal error.
func TestEveryCodeHasARow(t *testing.T) {
	t.Parallel()
	codes := append(codesIn(t, "../../onetouch/error.go"), codesIn(t, "problem.go")...)
	if len(codes) < 32 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	internal := problem.Of(errors.New("anything"))
	for _, code := range codes {
		p := problem.Of(problem.New(code, "why"))
		if p.Code != code || p.Message != "why" || p.Status < 400 || !digits.MatchString(p.ErrorCode) {
			t.Errorf("%s is %+v", code, p)
		}
		if code != onetouch.CodeInternal && p.Status == internal.Status {
			t.Errorf("%s has no row", code)
		}
	}
}

// The table of docs/device-api.md.
func TestDocumentedCodes(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../../docs/device-api.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d{3}) \\| (\\d{5}) \\|").FindAllStringSubmatch(string(doc), -1)
	if len(rows) < 20 {
		t.Fatalf("only %d rows were found", len(rows))
	}
	for _, row := range rows {
		p := problem.Of(problem.New(onetouch.Code(row[1]), "why"))
		if strconv.Itoa(p.Status) != row[2] || p.ErrorCode != row[3] {
			t.Errorf("%s is documented as %s and %s, and is %d and %s", row[1], row[2], row[3], p.Status, p.ErrorCode)
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
		if p := problem.Of(problem.New(code, "")); p.Status != want.status || p.ErrorCode != want.errorCode {
			t.Errorf("%s is %d and %s, want %+v", code, p.Status, p.ErrorCode, want)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("adding a user: %w", &onetouch.Error{
		Code: onetouch.CodeUserNotValid, Message: "User was not valid", Fields: map[string]string{"email": "is invalid"},
		Err: errors.New("secret cause"),
	})
	for name, c := range map[string]struct {
		err     error
		status  int
		code    onetouch.Code
		message string
	}{
		"a wrapped refusal": {wrapped, http.StatusBadRequest, onetouch.CodeUserNotValid, "User was not valid"},
		"no refusal": {errors.New("sql: secret"), http.StatusInternalServerError, onetouch.CodeInternal,
			"Internal error. Nothing was changed."},
		"an unknown code": {problem.New("unheard_of", "why"), http.StatusInternalServerError, "unheard_of", "why"},
		"a wrong parameter": {onetouch.InvalidParameter("force", "must be true or false"),
			http.StatusBadRequest, onetouch.CodeInvalidParameter, "Invalid parameter: force - must be true or false"},
		"a wrong request": {onetouch.InvalidRequest("no"),
			http.StatusBadRequest, onetouch.CodeInvalidRequest, "Invalid request: no"},
		"a wrong encoding": {onetouch.InvalidRequest("no").With(onetouch.CodeInvalidEncoding),
			http.StatusBadRequest, onetouch.CodeInvalidEncoding, "Invalid request: no"},
		"a large body": {onetouch.InvalidRequest("no").With(problem.CodeBodyTooLarge),
			http.StatusRequestEntityTooLarge, problem.CodeBodyTooLarge, "Invalid request: no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := problem.Of(c.err)
			if p.Status != c.status || p.Code != c.code || p.Message != c.message {
				t.Errorf("got %+v", p)
			}
		})
	}
	wrong := problem.Of(onetouch.InvalidParameter("a\nb", "must be c"))
	if wrong.Parameter != "a\uFFFDb" || wrong.Reason != "must be c" {
		t.Errorf("the parameter is %q, the reason %q", wrong.Parameter, wrong.Reason)
	}
	if p := problem.Of(wrapped); p.Fields["email"] != "is invalid" {
		t.Errorf("fields are %v", p.Fields)
	}
}
