package architecture_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What is secret, or signed, is compared in constant time: with crypto/subtle or hmac.Equal. Who compares something so named
// otherwise says here why that tells nobody anything.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	reasons := map[string]string{
		"internal/onetouch/token_find.go:sandboxToken":           "the code of the sandbox was published",
		"internal/onetouch/token_find.go:Token":                  "likewise",
		"internal/delivery/content.go:Signature":                 "whether there is one yet",
		"internal/sample/question.go:digest":                     "of a question that the same program has asked, which is no secret",
		"internal/server/authyapi/parameters/json_body.go:token": "a token of JSON, as those below",
		"internal/server/deviceapi/body.go:token":                "JSON",
		"internal/server/verifyapi/parameter.go:token":           "JSON",
		"pkg/details/details.go:token":                           "JSON",
		"pkg/device/push_json.go:token":                          "JSON",
		"pkg/evidence/record_verify.go:Challenge":                "evidence is checked by who has all of it",
		"pkg/evidence/record_verify.go:digest":                   "likewise",
		"pkg/evidence/record_verify.go:DetailsSHA256":            "likewise",
		"internal/cli/callback_receive.go:verdictSignature":      "a verdict",
		"internal/config/origin.go:KeyAPIKey":                    "the name of a setting, as those below",
		"internal/config/origin.go:KeyControlToken":              "a name",
		"internal/config/origin.go:KeyUpstreamAuthToken":         "a name",
	}
	used := map[string]bool{}
	err := filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		relative, err := filepath.Rel(root(), path)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for name, at := range openComparisons(file) {
			if key := relative + ":" + name; reasons[key] != "" {
				used[key] = true
			} else {
				t.Errorf("%s: %s is compared, and how long that takes tells of it", files.Position(at), name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range reasons {
		if !used[key] {
			t.Errorf("%s: there is no such comparison any more", key)
		}
	}
}

// openComparisons are the names of what seems secret and is compared with something else than a literal, and where.
func openComparisons(file *ast.File) map[string]token.Pos {
	secret := regexp.MustCompile(`(?i)(secret|password|token|apikey|accesskey|signingkey|signature|digest|sha256|challenge|csrf|hmac)$`)
	found := map[string]token.Pos{}
	look := func(operands ...ast.Expr) {
		if slices.ContainsFunc(operands, isConstant) {
			return
		}
		for _, operand := range operands {
			if name := nameOf(operand); secret.MatchString(name) {
				found[name] = operand.Pos()
			}
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				look(n.X, n.Y)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && secret.MatchString(nameOf(n.Tag)) {
				look(n.Tag)
			}
		case *ast.CallExpr:
			if isEquality(n.Fun) {
				look(n.Args...)
			}
		}
		return true
	})
	return found
}

// isEquality reports whether a function compares as soon as it can.
func isEquality(function ast.Expr) bool {
	selector, is := function.(*ast.SelectorExpr)
	if !is {
		return false
	}
	return slices.Contains([]string{
		"bytes.Equal", "bytes.Compare", "slices.Equal", "slices.Compare", "strings.Compare", "strings.EqualFold", "reflect.DeepEqual",
	}, nameOf(selector.X)+"."+selector.Sel.Name)
}

// isConstant reports whether an expression is written in the program for all to see, or is a code of the program's own.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	default:
		name := nameOf(e)
		return name == "nil" || strings.HasPrefix(name, "Code")
	}
}

// nameOf is the last name of an expression: of a variable, a field, a function that is called, or what is converted.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.ParenExpr:
		return nameOf(e.X)
	case *ast.StarExpr:
		return nameOf(e.X)
	case *ast.CallExpr:
		if array, is := e.Fun.(*ast.ArrayType); is && array.Len == nil && len(e.Args) == 1 {
			return nameOf(e.Args[0]) // of which the bytes are compared
		}
		return nameOf(e.Fun)
	default:
		return ""
	}
}
