package policy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// numeral is what is a number once the currency is gone. A comma separates thousands and a dot decimals; so a dot before
// exactly three digits, which is a separator of thousands in much of the world, is neither.
var numeral = regexp.MustCompile(`^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$`)

var ambiguous = regexp.MustCompile(`^[+-]?\d{1,3}\.\d{3}$`)

// currencyCode is one in the form of ISO 4217.
var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// parseNumber reads a text as a number: "12400", "$12,400", "-12.50 EUR".
func parseNumber(text string) (float64, error) {
	digits := withoutCurrency(text)
	if ambiguous.MatchString(digits) {
		return 0, fmt.Errorf("%s may be thousands or decimals", shown(text))
	}
	if !numeral.MatchString(digits) {
		return 0, fmt.Errorf("%s is not a number", shown(text))
	}
	number, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large a number", shown(text))
	}
	return number, nil
}

// withoutCurrency drops one sign or code of a currency, before or after the digits, and spaces around it. The sign of the
// number may stand before the currency.
func withoutCurrency(text string) string {
	text = strings.TrimSpace(text)
	sign := ""
	if rest := strings.TrimLeft(text, "+-"); len(text)-len(rest) == 1 {
		sign, text = text[:1], rest
	}
	first := strings.IndexFunc(text, isOfNumber)
	last := strings.LastIndexFunc(text, isOfNumber)
	if first < 0 {
		return text
	}
	last++ // what is of a number is one byte
	before, after := strings.TrimSpace(text[:first]), strings.TrimSpace(text[last:])
	if before != "" && after != "" || !isCurrency(before+after) {
		return text
	}
	return sign + text[first:last]
}

func isOfNumber(r rune) bool { return '0' <= r && r <= '9' || strings.ContainsRune("+-.,", r) }

func isCurrency(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	return text == "" || size == len(text) && unicode.Is(unicode.Sc, r) || currencyCode.MatchString(text)
}

// shown is a text of others in an error: quoted, and not too long.
func shown(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}
