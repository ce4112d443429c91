package authy_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// othersNumbers are those that no backend is answered with: they stand beside the codes of the device API and the control API.
// 60000 is a failure of the server, of which the status is all there is to know.
func othersNumbers() []string {
	return []string{
		"60000", "60031", "60034", "60037", "60079", "60080", "60086", "60101", "60103", "60117", "60129",
	}
}

// A number that a backend is answered with, and that errors.Is could not tell, is found here; and one that nobody answers.
func TestEveryRefusalHasAKind(t *testing.T) {
	t.Parallel()
	kinds := authy.Kinds()
	inTable := map[string]bool{}
	for _, row := range codes.Table() {
		inTable[row.Number] = true
		kind := kinds[row.Number]
		switch {
		case kind == nil && len(row.Refusals) > 0 && !slices.Contains(othersNumbers(), row.Number):
			t.Errorf("%s (%s) has no kind", row.Number, row.Meaning)
		case kind != nil && !errors.Is(&authy.Error{ErrorCode: row.Number}, kind):
			t.Errorf("an error with %s is not %v", row.Number, kind)
		}
	}
	for number := range kinds {
		if !inTable[number] {
			t.Errorf("%s is in no table of the service", number)
		}
	}
}
