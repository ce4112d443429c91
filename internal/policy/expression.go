package policy

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

const (
	// memoryBudget is how many elements of lists an evaluation may make. Since there are no ranges and no conditions within
	// conditions, the number of rounds is bounded by the length of the rule and the number of details.
	memoryBudget = 10_000
	// numberFunction reads a text as a number where an expression calculates with it.
	numberFunction = "number"
)

// functions are those of the language that an expression may call. Left out are those that make much of little, look at
// the clock, or have no use for a question about one request.
func functions() []string {
	return []string{
		"all", "any", "one", "none", "count", "len", "keys", "values", "lower", "upper", "trim", "trimPrefix", "trimSuffix",
		"hasPrefix", "hasSuffix", "indexOf", "lastIndexOf", "int", "float", "abs", "ceil", "floor", "round", "min", "max",
	}
}

// compile checks an expression. An error is one line that points at its place.
func compile(expression string) (*vm.Program, error) {
	comparisons := &comparisons{}
	options := []expr.Option{
		expr.Env(Request{}.environment()), expr.AsBool(), expr.WarnOnAny(), expr.Patch(comparisons),
		expr.Optimize(false), //nolint:misspell // the library's name; what is calculated beforehand is taken from no budget
		expr.DisableAllBuiltins(),
		expr.Function(numberFunction, func(arguments ...any) (any, error) {
			return parseNumber(arguments[0].(string))
		}, new(func(string) float64)),
	}
	for _, name := range functions() {
		options = append(options, expr.EnableBuiltin(name))
	}
	for _, operator := range []string{"<", "<=", ">", ">=", "==", "!="} {
		options = append(options, expr.Function(comparisonName(operator), comparison(operator), new(func(string, any) bool)))
	}
	program, err := expr.Compile(expression, options...)
	if err != nil {
		return nil, explain(err, expression)
	}
	if comparisons.refused != nil {
		return nil, explain(comparisons.refused.Bind(file.NewSource(expression)), expression)
	}
	return program, nil
}

// matches evaluates the rule for a request.
func (r rule) matches(request Request) (bool, error) {
	machine := vm.VM{MemoryBudget: memoryBudget}
	result, err := machine.Run(r.program, request.environment())
	var at *file.Error
	if errors.As(err, &at) {
		return false, plain(at)
	}
	if err != nil {
		return false, err
	}
	matches, ok := result.(bool)
	if !ok {
		return false, errors.New("the expression is neither true nor false")
	}
	return matches, nil
}

// comparisons makes a text that is compared with a number a number, and refuses what the type check lets pass but the
// language of policies does not have.
type comparisons struct{ refused *file.Error }

// Visit looks at a node after its children.
func (c *comparisons) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			c.refuse(n, "unknown name $env")
		}
	case *ast.NilNode:
		c.refuse(n, `what may be absent is compared with "",`)
	case *ast.PredicateNode:
		nested := func(inner ast.Node) bool { _, is := inner.(*ast.PredicateNode); return is }
		if ast.Find(n.Node, nested) != nil {
			c.refuse(n, "a condition within a condition is too much")
		}
	case *ast.BinaryNode:
		c.compare(node, n)
	}
}

func (c *comparisons) refuse(node ast.Node, message string) {
	if c.refused == nil {
		c.refused = &file.Error{Location: node.Location(), Message: message}
	}
}

func (c *comparisons) compare(node *ast.Node, n *ast.BinaryNode) {
	operator, text, other := n.Operator, n.Left, n.Right
	switch {
	case operator == "..": // a few characters would be as many rounds as one likes
		c.refuse(n, "there are no ranges: compare with <= and >=,")
		return
	case operator == "+" && isText(n.Left): // a few could become a very long text
		c.refuse(n, "texts cannot be joined")
		return
	}
	if isNumber(text) {
		operator, text, other = mirrored(operator), n.Right, n.Left
	}
	if comparison(operator) == nil || !isText(text) {
		return
	}
	switch {
	case isNumber(other):
		call := &ast.CallNode{
			Callee: &ast.IdentifierNode{Value: comparisonName(operator)}, Arguments: []ast.Node{text, other},
		}
		ast.Patch(node, call)
	case strings.ContainsAny(operator, "<>") && (isNumeral(text) || isNumeral(other)):
		c.refuse(n, "texts are compared by the alphabet: leave out the quotes to compare numbers")
	}
}

func isText(node ast.Node) bool { return node.Type().Kind() == reflect.String }

func isNumber(node ast.Node) bool {
	kind := node.Type().Kind()
	return kind == reflect.Int || kind == reflect.Float64
}

// isNumeral reports whether a node is a number in quotes.
func isNumeral(node ast.Node) bool {
	text, literal := node.(*ast.StringNode)
	if !literal {
		return false
	}
	_, err := parseNumber(text.Value)
	return err == nil
}

// mirrored is the operator when the sides change places.
func mirrored(operator string) string {
	if other, changes := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]; changes {
		return other
	}
	return operator
}

// comparisonName is one that nobody can type.
func comparisonName(operator string) string { return "number " + operator }

// comparison is a function that compares a text, as a number, with a number; nil for no operator of comparison. A text of
// nothing, which an absent detail is, is to a number in no relation.
func comparison(operator string) func(...any) (any, error) {
	compare := map[string]func(a, b float64) bool{
		"<":  func(a, b float64) bool { return a < b },
		"<=": func(a, b float64) bool { return a <= b },
		">":  func(a, b float64) bool { return a > b },
		">=": func(a, b float64) bool { return a >= b },
		"==": func(a, b float64) bool { return a == b },
		"!=": func(a, b float64) bool { return a != b },
	}[operator]
	if compare == nil {
		return nil
	}
	return func(arguments ...any) (any, error) {
		text := arguments[0].(string)
		if text == "" {
			return false, nil
		}
		number, err := parseNumber(text)
		if err != nil {
			return nil, err
		}
		switch other := arguments[1].(type) {
		case int:
			return compare(number, float64(other)), nil
		case float64:
			return compare(number, other), nil
		default:
			return nil, fmt.Errorf("%s is compared with what is no number", shown(text))
		}
	}
}
