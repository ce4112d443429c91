package problem

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
	// Refusals are what our own behaviour answers with this number. A row without any is reachable by name only: see
	// [Named].
	Refusals []Refusal
}

// Refusal is a refusal of the domain, or of the HTTP layer, under the number of a row.
type Refusal struct {
	Code   onetouch.Code
	Status int // HTTP
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

// index finds rows.
type index struct {
	byNumber map[string]Row
	byCode   map[onetouch.Code]answer
}

// answer is how a refusal looks on the wire.
type answer struct {
	status    int
	errorCode string
}

func newIndex(table []Row) index {
	found := index{byNumber: map[string]Row{}, byCode: map[onetouch.Code]answer{}}
	for _, row := range table {
		found.byNumber[row.Number] = row
		for _, refusal := range row.Refusals {
			found.byCode[refusal.Code] = answer{refusal.Status, row.Number}
		}
	}
	return found
}

// byName is a row whose status and message nobody has recorded, and that our behaviour never answers.
func byName(number, meaning string, status int, message string) Row {
	return Row{
		Number: number, Meaning: meaning, Status: status, Message: message, Basis: RecordedNumber, Source: enumeration,
	}
}

// enumeration is the source of most numbers.
const enumeration = "authy-java, enumeration of error codes"
