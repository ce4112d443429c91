package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// valueError says what is wrong with the value of a flag, in words that follow its name.
type valueError string

func (r valueError) Error() string { return string(r) }

// wrongFlag words an error of parsing flags.
func wrongFlag(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return refusedValue(invalid)
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && isNegative(unknown.GetSpecifiedShortnames()) {
		return usageError("-%s is taken for a flag: write -- before a value that begins with -",
			unknown.GetSpecifiedShortnames())
	}
	return usageError("%w", err)
}

func refusedValue(invalid *pflag.InvalidValueError) error {
	flag, refused := invalid.GetFlag(), valueError("")
	switch kind := kindOfValue(flag.Value.Type()); {
	case errors.As(invalid, &refused):
		return usageError("--%s %s", flag.Name, refused)
	case errors.Is(invalid, strconv.ErrRange):
		return usageError("--%s %s is out of range", flag.Name, invalid.GetValue())
	case kind != "" && speaksOfGo(invalid):
		return usageError("--%s %q is no %s", flag.Name, invalid.GetValue(), kind)
	default:
		return usageError("%w", invalid)
	}
}

// kindOfValue says what a flag of one of pflag's own types takes, whose errors speak of Go; "" when they do not.
func kindOfValue(typeOfFlag string) string {
	return map[string]string{
		"int": "whole number", "int64": "whole number", "float64": "number", "bool": "choice between true and false",
		"duration": "length of time, such as 90s or 2m",
	}[typeOfFlag]
}

// speaksOfGo reports whether a value was refused by the standard library, and not by a flag of our own, which says more.
func speaksOfGo(invalid *pflag.InvalidValueError) bool {
	var number *strconv.NumError
	return errors.As(invalid, &number) || strings.Contains(invalid.Error(), "time: ")
}

// isNegative reports whether letters of flags are a number without its sign.
func isNegative(letters string) bool { return letters != "" && letters[0] >= '0' && letters[0] <= '9' }

// wordFlag is a flag whose value is one of a few words.
type wordFlag[W ~string] struct {
	word     *W
	known    []W
	optional bool // whether the empty word is one
}

// addWordFlag gives cmd such a flag. What the word has before is its default.
func addWordFlag[W ~string](cmd *cobra.Command, word *W, name string, known []W, usage string) {
	cmd.Flags().Var(wordFlag[W]{word, known, *word == ""}, name, usage)
	completes(cmd, name, completeWords(textsOf(known)...))
}

// String is the default in the help text.
func (f wordFlag[W]) String() string {
	if f.word == nil {
		return ""
	}
	return string(*f.word)
}

// Type is the placeholder in the help text.
func (wordFlag[W]) Type() string { return "string" }

// Set takes a word that is known.
func (f wordFlag[W]) Set(text string) (err error) {
	if text == "" && f.optional {
		*f.word = ""
		return nil
	}
	*f.word, err = knownWord(text, f.known)
	return err
}

// wordsFlag is wordFlag for several words, joined by commas.
type wordsFlag[W ~string] struct {
	words *[]W
	known []W
}

// addWordsFlag gives cmd such a flag.
func addWordsFlag[W ~string](cmd *cobra.Command, words *[]W, name string, known []W, usage string) {
	cmd.Flags().Var(wordsFlag[W]{words, known}, name, usage)
	completes(cmd, name, completeWords(textsOf(known)...))
}

// String names no default.
func (wordsFlag[W]) String() string { return "" }

// Type is the placeholder in the help text.
func (wordsFlag[W]) Type() string { return "strings" }

// Set adds words.
func (f wordsFlag[W]) Set(text string) error {
	if text == "" {
		return nil
	}
	for one := range strings.SplitSeq(text, ",") {
		word, err := knownWord(one, f.known)
		if err != nil {
			return err
		}
		*f.words = append(*f.words, word)
	}
	return nil
}

func knownWord[W ~string](text string, known []W) (W, error) {
	if !slices.Contains(known, W(text)) {
		return "", valueError(fmt.Sprintf("%q is not known: choose from %s", text, joined(known)))
	}
	return W(text), nil
}

// joined are words for people.
func joined[W ~string](words []W) string { return strings.Join(textsOf(words), ", ") }

func textsOf[W ~string](words []W) []string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return texts
}

// limitFlag is a flag for how many there are at most; 0 is for all.
type limitFlag struct{ limit *int }

// String is the default in the help text.
func (f limitFlag) String() string {
	if f.limit == nil {
		return ""
	}
	return strconv.Itoa(*f.limit)
}

// Type is the placeholder in the help text.
func (limitFlag) Type() string { return "int" }

// Set takes a whole number.
func (f limitFlag) Set(text string) error {
	number, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return valueError(fmt.Sprintf("%q is no whole number", text))
	case number < 0:
		return valueError(text + " is below 0")
	}
	*f.limit = number
	return nil
}

// spanFlag is a flag for a length of time, which is not below 0.
type spanFlag struct {
	span  *time.Duration
	below string // what is wrong with one below 0
}

func timeoutFlag(timeout *time.Duration) spanFlag { return spanFlag{timeout, "is in the past"} }

func sinceFlag(since *time.Duration) spanFlag {
	return spanFlag{since, "is in the future: say how long ago, such as 10m"}
}

// String is the default in the help text.
func (f spanFlag) String() string {
	if f.span == nil || *f.span == 0 {
		return ""
	}
	return f.span.String()
}

// Type is the placeholder in the help text.
func (spanFlag) Type() string { return "duration" }

// Set takes a duration.
func (f spanFlag) Set(text string) error {
	span, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return valueError(fmt.Sprintf("%q is no length of time, such as 90s or 2m", text))
	case span < 0:
		return valueError(span.String() + " " + f.below)
	}
	*f.span = span
	return nil
}
