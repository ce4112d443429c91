package policy

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
)

// rule is an expression, and what to do when it is true.
type rule struct {
	Decision
	program *vm.Program
}

func parseRule(text string) (rule, error) {
	if !utf8.ValidString(text) {
		return rule{}, errors.New("it is not valid UTF-8")
	}
	expression, action, err := split(text)
	if err != nil {
		return rule{}, err
	}
	decision, err := parseDecision(action)
	if err != nil {
		return rule{}, fmt.Errorf("the action after the last = is wrong (== compares): %w", err)
	}
	program, err := compile(expression)
	return rule{Decision: decision, program: program}, err
}

// split cuts a rule at its last = that is neither in quotes nor part of ==, !=, <= or >=.
func split(text string) (expression, action string, err error) {
	at := -1
	for i := 0; i < len(text); {
		end := i + 1
		switch text[i] {
		case '"', '\'', '`':
			if end = afterQuote(text, i); end < 0 {
				return "", "", fmt.Errorf("the quote at column %d is not closed", utf8.RuneCountInString(text[:i])+1)
			}
		case '=':
			end = i + len(text[i:]) - len(strings.TrimLeft(text[i:], "="))
			if end == i+1 && (i == 0 || !strings.ContainsRune("!<>", rune(text[i-1]))) {
				at = i
			}
		}
		i = end
	}
	if at < 0 {
		return "", "", fmt.Errorf("%s has no action: write EXPRESSION = ACTION, such as details[\"Amount\"] > 100 = deny",
			shown(text))
	}
	expression, action = text[:at], text[at+1:]
	if strings.TrimSpace(expression) == "" {
		return "", "", fmt.Errorf("the expression before %s is empty: true matches every request", shown(text[at:]))
	}
	return expression, action, nil
}

// afterQuote is the index after a quoted text that begins at i; -1 for one that does not end.
func afterQuote(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i + 1
		case text[i] == '\\' && quote != '`':
			i++
		}
	}
	return -1
}

// parseDecision reads ACTION [after DURATION].
func parseDecision(text string) (Decision, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Decision{}, fmt.Errorf("the action is empty: it is %s", listOfActions())
	}
	action := Action(words[0])
	switch {
	case !slices.Contains(Actions(), action) || len(words) > 1 && words[1] != "after":
		return Decision{}, fmt.Errorf("%s is not known: it is %s, perhaps with a delay, such as approve after 3s",
			shown(strings.Join(words, " ")), listOfActions())
	case len(words) == 1:
		return Decision{Action: action}, nil
	}
	delay := strings.Join(words[2:], " ")
	after, err := time.ParseDuration(delay)
	switch {
	case err != nil && isDuration(delay):
		return Decision{}, fmt.Errorf("after %s: it is longer than anybody can wait: at most %dh", shown(delay),
			math.MaxInt64/int64(time.Hour))
	case err != nil:
		return Decision{}, fmt.Errorf("after %s: it must be a duration, such as 500ms, 3s or 2m", shown(delay))
	case after < 0:
		return Decision{}, fmt.Errorf("after %s: it must not be negative", delay)
	}
	return Decision{Action: action, After: after}, nil
}

// isDuration reports whether a text has the form of a duration, however long.
func isDuration(text string) bool {
	return regexp.MustCompile(`^[-+]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$`).MatchString(text)
}

func listOfActions() string {
	var words []string
	for _, action := range Actions() {
		words = append(words, string(action))
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
