package phonepage_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// TestPictures keeps what people see of each screen (see [browser.Tab.Picture]), and checks that nothing is wider than the
// window.
func TestPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browser.Start(t, nil)
	tab := b.Open(w.link() + "&name=Ada%27s+Pixel")
	tab.Sees("Make this browser a phone")
	eachLook(t, tab, "pair")
	tab.Press("#pair-button")
	tab.Sees("Connected")
	eachLook(t, tab, "empty")

	denied := w.ask("Log in from Bogotá, Colombia?")
	tab.Press(card(denied, ".deny"))
	w.called(denied, "denied")
	seconds := int64(119)
	w.askMore(authy.NewApprovalRequest{
		Message: "Send $12,400.00 to ACME Corporation?", SecondsToExpire: &seconds,
		Details: details.List{
			{Name: "From", Value: "Checking •• 4821"}, {Name: "To", Value: "ACME Corporation, 22000033332222"},
			{Name: "Amount", Value: "$12,400.00"}, {Name: "Memo", Value: "Invoice 2026-0117"},
		},
		Logos: []approval.Logo{{Resolution: "default", URL: "https://bank.example/logo.png"}},
	})
	odd := w.ask("تسجيل الدخول من بوغوتا؟ 🏦", details.Detail{Name: "AVeryLongNameWithoutASingleSpaceInIt", Value: "x\x1b[2J\u202ex"},
		details.Detail{Name: "IP", Value: "2001:0db8:0000:0000:0000:ff00:0042:8329/2001:0db8:0000:0000:0000:ff00:0042:8329"})
	tab.Until("document.querySelectorAll('.card:not(.arming)').length === 2 && document.querySelector('.show-logo:not([hidden])')")
	eachLook(t, tab, "requests")
	tab.Look(360, 740, false)
	tab.Press(card(odd, ".deny"))
	tab.Picture("held-phone-light")
	tab.Press(card(odd, ".undo"))
	tab.Look(1280, 800, false)
	tab.Press(card(odd, ".open-reason"))
	tab.Until("document.activeElement.matches('.reason-text')")
	eachLook(t, tab, "reason")
	tab.Press("#past-list summary")
	eachLook(t, tab, "past")
	tab.Press("#unpair")
	eachLook(t, tab, "unpair")
	tab.Press("#unpair-cancel")
	w.stop()
	tab.Sees("Reconnecting.")
	eachLook(t, tab, "gone")
	w.start(w.address)
	tab.Go(w.base() + "/phone/trust")
	tab.Sees("Nothing to trust")
	eachLook(t, tab, "no-trust")
	tab.Go(w.base() + "/phone/#wrong")
	tab.Press("#pair-button")
	tab.Sees("This link cannot be used")
	eachLook(t, tab, "bad-link")
}

// eachLook takes the pictures of a screen on a phone and on a desk, by day and by night.
func eachLook(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	for look, size := range map[string][2]int64{"phone": {360, 740}, "desktop": {1280, 800}} {
		for scheme, dark := range map[string]bool{"light": false, "dark": true} {
			tab.Look(size[0], size[1], dark)
			if width := browser.Read[int64](tab, "document.documentElement.scrollWidth"); width > size[0] {
				t.Errorf("%s is %d pixels wide on a %s", name, width, look)
			}
			tab.Picture(name + "-" + look + "-" + scheme)
		}
	}
	tab.Look(1280, 800, false)
}
