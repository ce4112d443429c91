// Package codes is the table of the Authy API's error codes: what each number means, how it looks on the wire, and how sure
// that is. Whoever speaks another wire format has no use for it; the device API and the control API tell the number beside
// their own codes.
package codes

import (
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Row is one error code of the Authy API: what its number means, how it looks on the wire, and how sure that is.
type Row struct {
	Number  string // five digits; error_code on the wire
	Meaning string // in the words of the list that has the number
	Status  int    // HTTP; a refusal may have one of its own
	Message string // of the code itself; a refusal may say more, such as which parameter was wrong
	Basis   Basis
	Source  string // where it is on record
	// Refusals are what our own behaviour answers with this number, each with the status that [problem] gives it. A row
	// without any is reachable by name only: see [Named].
	Refusals []onetouch.Code
}

// Basis says what of a row is on record; all else is our choice.
type Basis string

// How much is on record.
const (
	Recorded        Basis = "number, status and message"
	RecordedMessage Basis = "number and message"
	RecordedStatus  Basis = "number and status"
	RecordedNumber  Basis = "number"
)

// Table lists every error code, by number.
func Table() []Row {
	table := slices.Concat(generalCodes, userCodes, tokenCodes, applicationCodes, oneTouchCodes, laterCodes)
	slices.SortFunc(table, func(a, b Row) int { return strings.Compare(a.Number, b.Number) })
	return table
}

// rows finds a row by its number or by one of its refusals.
var rows = newIndex(Table())

type index struct {
	byNumber map[string]Row
	byCode   map[onetouch.Code]string // the number
}

func newIndex(table []Row) index {
	found := index{byNumber: map[string]Row{}, byCode: map[onetouch.Code]string{}}
	for _, row := range table {
		found.byNumber[row.Number] = row
		for _, code := range row.Refusals {
			found.byCode[code] = row.Number
		}
	}
	return found
}

// NumberOf is the number of a refusal; that of an internal error for one that is in no row.
func NumberOf(code onetouch.Code) string {
	if number, listed := rows.byCode[code]; listed {
		return number
	}
	return rows.byCode[onetouch.CodeInternal]
}

// byName is a row whose status and message nobody has recorded, and that our behaviour never answers.
func byName(number, meaning string, status int, message string) Row {
	return Row{
		Number: number, Meaning: meaning, Status: status, Message: message, Basis: RecordedNumber, Source: enumeration,
	}
}

// enumeration is the source of most numbers.
const enumeration = "authy-java, enumeration of error codes"
