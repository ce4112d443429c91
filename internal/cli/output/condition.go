package output

import (
	"context"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// Condition is a jq expression that a record fulfils or not.
type Condition struct{ query *gojq.Code }

// NewCondition reads a jq expression.
func NewCondition(expression string) (*Condition, error) {
	query, err := compile(expression)
	if err != nil {
		return nil, err
	}
	return &Condition{query}, nil
}

// Holds reports whether the expression's first result for a record with the given fields is neither false nor null.
func (c *Condition) Holds(ctx context.Context, record any, fields []string) (bool, error) {
	selected, err := selectFields(record, fields)
	if err != nil {
		return false, err
	}
	data, err := decode(selected)
	if err != nil {
		return false, err
	}
	result, some := c.query.RunWithContext(ctx, data).Next()
	if err, failed := result.(error); failed {
		return false, fmt.Errorf("running the condition: %s", Sanitise(err.Error()))
	}
	return some && result != nil && result != false, nil
}

// compile makes a jq expression ready to run. What is wrong with one is said in one line.
func compile(expression string) (*gojq.Code, error) {
	parsed, err := gojq.Parse(expression)
	if err != nil {
		return nil, errors.New(Sanitise(err.Error()))
	}
	query, err := gojq.Compile(parsed)
	if err != nil {
		return nil, errors.New(Sanitise(err.Error()))
	}
	return query, nil
}
