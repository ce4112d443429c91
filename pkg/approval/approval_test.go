package approval_test

import (
	"encoding/json"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func TestWhatAStatusMeans(t *testing.T) {
	t.Parallel()
	want := map[approval.Status]struct{ decided, answered bool }{
		approval.Pending: {}, approval.Approved: {true, true}, approval.Denied: {true, true}, approval.Expired: {decided: true},
	}
	for _, status := range approval.Statuses() {
		if status.Decided() != want[status].decided || status.Answered() != want[status].answered {
			t.Errorf("%s: decided %t, answered %t, want %+v", status, status.Decided(), status.Answered(), want[status])
		}
	}
	if len(want) != len(approval.Statuses()) {
		t.Errorf("there are %d statuses, want %d", len(approval.Statuses()), len(want))
	}
}

func TestQuestionAsJSON(t *testing.T) {
	t.Parallel()
	question := approval.Question{
		Message: "Send $12,400?", Details: details.List{{Name: "To", Value: "ACME"}}, HiddenDetails: details.List{},
		Logos: []approval.Logo{{Resolution: "low", URL: "https://example.com/logo.png"}},
	}
	got, err := json.Marshal(question)
	const want = `{"message":"Send $12,400?","details":{"To":"ACME"},"hidden_details":{},` +
		`"logos":[{"res":"low","url":"https://example.com/logo.png"}]}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}
