package problem_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
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

// A code without a status would be answered as an internal error.
func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	codes := append(codesIn(t, "../../onetouch/error.go"), codesIn(t, "problem.go")...)
	if len(codes) < 32 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for _, code := range codes {
		p := problem.Of(problem.New(code, "why"))
		if p.Code != code || p.Message != "why" || p.Status < 400 || p.Status != problem.StatusOf(code) {
			t.Errorf("%s is %+v", code, p)
		}
		if code != onetouch.CodeInternal && p.Status == http.StatusInternalServerError {
			t.Errorf("%s has no status", code)
		}
	}
}

// The log is for what the server itself has done wrong.
func TestIsFailure(t *testing.T) {
	t.Parallel()
	for code, want := range map[onetouch.Code]bool{
		onetouch.CodeInternal: true, onetouch.CodeStorageFull: true, onetouch.CodeStorageUnavailable: true, "unheard_of": true,
		problem.CodeServerStopping: false, onetouch.CodeUserSuspended: false, onetouch.CodeUserNotFound: false,
	} {
		if problem.IsFailure(problem.New(code, "why")) != want {
			t.Errorf("%s: want %t", code, want)
		}
	}
	if !problem.IsFailure(errors.New("sql: secret")) {
		t.Error("an error of no kind is no failure")
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
