package phonepage_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func TestPhoneAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	tab.Sees("Nothing to approve.")
	devices := w.devices()
	if len(devices) != 1 || devices[0].Name != "Ada's Pixel" || devices[0].Platform != "desktop" {
		t.Fatalf("registered are %+v", devices)
	}
	if hash := browser.Read[string](tab, "location.href + history.length"); strings.Contains(hash, "#") {
		t.Errorf("the link stays in the address bar: %s", hash)
	}

	first := w.ask("Send $12,400 to ACME?", details.Detail{Name: "Amount", Value: "$12,400"},
		details.Detail{Name: "To", Value: "ACME"})
	tab.Hears("New request from Acme Bank: Send $12,400 to ACME?")
	tab.Press(card(first, ".approve"))
	tab.Hears("Approving in a moment")
	tab.Hears("Approved.")
	w.called(first, "approved")
	w.evidence(first, "approved")

	w.clock.Advance(time.Hour) // the browser's idea of the server's clock is wrong now
	second := w.ask("Log in from Bogotá?")
	tab.Sees("Log in from Bogotá?")
	tab.Press(card(second, ".open-reason"))
	tab.Write(card(second, ".reason-text"), "It was not me — 誰?")
	tab.Press(card(second, ".send-reason"))
	tab.Hears("Denied.")
	w.called(second, "denied")
	if reason := w.evidence(second, "denied"); reason != "It was not me — 誰?" {
		t.Errorf("the reason is %q", reason)
	}
	tab.Until("document.querySelectorAll('#past-list li').length === 2")
	tab.Sees("Nothing to approve.")
}

// One slip must not be an answer.
func TestSlipCanBeUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	uuid := w.ask("Log in?")
	tab.Press(card(uuid, ".approve"))
	tab.Press(card(uuid, ".undo"))
	tab.Hears("Taken back. Nothing was sent.")
	tab.Press(card(uuid, ".approve"))
	tab.Press(card(uuid, ".deny")) // changes the answer
	tab.Hears("Denied.")
	w.called(uuid, "denied")
}

// Whichever button denies, it takes the reason that was written; undone, the reason is there still.
func TestDenyTakesTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	uuid := w.ask("Log in?")
	tab.Press(card(uuid, ".open-reason"))
	tab.Write(card(uuid, ".reason-text"), "Not me")
	tab.Press(card(uuid, ".deny"))
	tab.Hears("Denying in a moment")
	tab.Press(card(uuid, ".undo"))
	tab.Hears("Taken back.")
	tab.Write(card(uuid, ".reason-text"), "Not me either")
	tab.Press(card(uuid, ".deny"))
	tab.Hears("Denied.")
	w.called(uuid, "denied")
	if reason := w.evidence(uuid, "denied"); reason != "Not me either" {
		t.Errorf("the reason is %q", reason)
	}
}

// Who leaves while an answer is held is asked whether to: it would be lost.
func TestLeavingWithAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	const leaves = "window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
	uuid := w.ask("Log in?")
	tab.Until("document.querySelector('.card:not(.arming)')")
	if !browser.Read[bool](tab, leaves) {
		t.Error("the page is held up for nothing")
	}
	tab.Press(card(uuid, ".approve"))
	if browser.Read[bool](tab, leaves) {
		t.Error("the page goes, and takes an answer along")
	}
	w.called(uuid, "approved")
	tab.Hears("Approved.")
	if !browser.Read[bool](tab, leaves) {
		t.Error("the page is held up after the answer")
	}
}

// A new request is on top, and moves the others, which take no press for a moment then.
func TestNewestIsOnTop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	w.ask("Old?")
	tab.Until("document.querySelector('.card:not(.arming)')")
	browser.Read[bool](tab, `new MutationObserver(() => {
		const card = document.querySelectorAll('.card')[1];
		if (!card || card.dataset.pressed) return;
		card.querySelector('.approve').click();
		card.dataset.pressed = card.dataset.answer || 'for nothing';
	}).observe(document.getElementById('pending'), { childList: true }) ?? true`)
	w.ask("New?")
	tab.Until(`document.querySelector('[data-pressed]')`)
	if answer := browser.Read[string](tab, "document.querySelectorAll('.card')[1].dataset.pressed"); answer != "for nothing" {
		t.Errorf("the moved card took the answer %q", answer)
	}
	if top := browser.Read[string](tab, "document.querySelector('.card .message').textContent"); top != "New?" {
		t.Errorf("on top is %q", top)
	}
}

// On a narrow screen nothing moves when an answer is held: what is below a button stays where it is.
func TestHeldAnswerMovesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	tab.Look(360, 740, false)
	uuid := w.ask("Log in?")
	tab.Until("document.querySelector('.card:not(.arming)')")
	const height = "document.querySelector('.card').offsetHeight + document.querySelector('.approve').offsetHeight / 1000"
	before := browser.Read[float64](tab, height)
	tab.Press(card(uuid, ".approve"))
	tab.Until("document.querySelector('.approve').textContent === 'Approving…'")
	if held := browser.Read[float64](tab, height); held != before {
		t.Errorf("card and button are %v pixels high, and %v while the answer is held", before, held)
	}
	w.called(uuid, "approved")
	tab.Until("document.querySelector('#past-list .status')")
	lines := "(() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('#past-list .status'));" +
		" return range.getClientRects().length + document.querySelector('#past-list .status').offsetHeight / 1000 })()"
	if got := browser.Read[float64](tab, lines); got >= 1.03 {
		t.Errorf("“Approved” is on more than one line: %v", got)
	}
}

// A card that has just come, or moved, takes no press: that was meant for what stood there before.
func TestPressOnAMovedCardIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	// A finger that is on its way to the screen when the card comes.
	browser.Read[bool](tab, `new MutationObserver(() => {
		const card = document.querySelector('.card');
		if (!card || card.dataset.pressed) return;
		card.querySelector('.approve').click();
		card.dataset.pressed = card.dataset.answer || 'for nothing';
	}).observe(document.getElementById('pending'), { childList: true }) ?? true`)
	uuid := w.ask("Log in?")
	tab.Until(`document.querySelector('[data-pressed]')`)
	if answer := browser.Read[string](tab, "document.querySelector('.card').dataset.pressed"); answer != "for nothing" {
		t.Errorf("the card took the answer %q", answer)
	}
	request, err := w.Service().AnyApprovalRequest(t.Context(), uuid)
	if err != nil || request.Status != onetouch.StatusPending {
		t.Errorf("the request is %s, %v", request.Status, err)
	}
}

func TestKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	second, first := w.ask("Second?"), w.ask("First?") // the newest is on top
	tab.Until("document.querySelectorAll('.card:not(.arming)').length === 2")
	tab.Keys("a") // no card has the focus: nothing happens
	tab.Keys(browser.KeyTab)
	if focus := browser.Read[string](tab, "document.activeElement.innerText"); !strings.Contains(focus, "First?") {
		t.Fatalf("the first stop of the Tab key is %q", focus)
	}
	if outline := browser.Read[string](tab, "getComputedStyle(document.activeElement).outlineStyle"); outline != "solid" {
		t.Errorf("the focus is not seen: its outline is %q", outline)
	}
	tab.Keys("a")
	tab.Hears("Approving in a moment")
	tab.Keys("u")
	tab.Hears("Taken back.")
	tab.Keys("d")
	tab.Hears("Denied.")
	w.called(first, "denied")
	tab.Until("document.activeElement.innerText.includes('Second?') && !document.activeElement.matches('.arming')")
	tab.Keys(browser.KeyTab + browser.KeyTab) // past Deny to Approve
	if focus := browser.Read[string](tab, "document.activeElement.className"); focus != "approve" {
		t.Fatalf("two stops into a card the focus is on %q", focus)
	}
	tab.Keys(browser.KeyEnter)
	tab.Hears("Approved.")
	w.called(second, "approved")
}

func TestLinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link()
	first, second := browser.Start(t, nil), browser.Start(t, nil)
	tab := first.Open(link)
	tab.Press("#pair-button")
	tab.Sees("Connected")
	other := second.Open(link)
	other.Press("#pair-button")
	other.Sees("This link cannot be used")
	other.Sees("This link was used already.")
	other.Go(w.base() + "/phone/#nonsense")
	other.Press("#pair-button")
	other.Sees("The server does not know this link.")
	if n := len(w.devices()); n != 1 {
		t.Errorf("%d devices are registered", n)
	}
}

func TestLinkExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link()
	w.clock.Advance(onetouch.PairingLife)
	tab := browser.Start(t, nil).Open(link)
	tab.Press("#pair-button")
	tab.Sees("This link has expired. It works for two minutes.")
	tab.Go(w.base() + "/phone/")
	tab.Sees("No phone here yet")
}

// A browser is one phone: a second link replaces it, if its user wants that.
func TestSecondLinkReplacesThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browser.Start(t, nil)
	tab := w.paired(b)
	before := w.devices()[0]
	again := b.Open(w.link())
	again.Sees("This browser is the phone Ada's Pixel (Acme Bank) already.")
	again.Press("#keep")
	again.Sees("Connected")
	again.Go(w.link()) // where the page is open already
	again.Sees("replaces it")
	again.Write("#phone-name", "Ada's second")
	again.Press("#pair-button")
	again.Sees("Connected")
	again.Sees("Ada's second")
	if devices := w.devices(); len(devices) != 1 || devices[0].ID == before.ID || devices[0].Name != "Ada's second" {
		t.Errorf("registered are %+v", devices)
	}
	tab.Sees("Ada's second") // the other tab is the same phone
	uuid := w.ask("Log in?")
	tab.Press(card(uuid, ".approve"))
	w.called(uuid, "approved")
}

// A tab that was the former phone a moment ago hears that it was removed, and says so to the others.
func TestOtherPhonesAreNoNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browser.Start(t, nil)
	tab := w.paired(b)
	other := b.Open(w.base() + "/phone/")
	other.Sees("Connected")
	other.Until(`(new BroadcastChannel('onetouch-phone').postMessage({ what: 'removed', of: 'the former phone' }), true)`)
	uuid := w.ask("Log in?")
	tab.Press(card(uuid, ".approve"))
	w.called(uuid, "approved")
	tab.Sees("Connected")
}

func TestTwoTabsShowTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browser.Start(t, nil)
	first := w.paired(b)
	second := b.Open(w.base() + "/phone/")
	second.Sees("Connected")
	uuid := w.ask("Log in?")
	first.Sees("Log in?")
	second.Press(card(uuid, ".approve"))
	w.called(uuid, "approved")
	first.Sees("Nothing to approve.")
	third := b.Open(w.base() + "/phone/")
	third.Sees("Connected")
	first.Front()
	third.Close()
	second.Close()
	next := w.ask("And now?")
	first.Press(card(next, ".deny"))
	w.called(next, "denied")
}

func TestRemovedPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	w.ask("Log in?")
	tab.Sees("Log in?")
	if err := w.backend.DeleteDevice(t.Context(), w.devices()[0].ID); err != nil {
		t.Fatal(err)
	}
	tab.Sees("This phone was removed")
	tab.Until("!document.querySelector('.card')")
	tab.Go(w.base() + "/phone/")
	tab.Sees("No phone here yet") // key and access token are gone
}

func TestUnpair(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	tab.Press("#unpair")
	tab.Sees("Unpair this phone?")
	tab.Keys(browser.KeyEscape)
	tab.SeesNot("Unpair this phone?")
	w.stop()
	tab.Sees("Reconnecting")
	tab.Press("#unpair")
	tab.Press("#unpair-confirm")
	tab.Sees("The phone is still registered there.")
	tab.Press("#unpair-cancel")
	w.start(w.address)
	tab.Press("#retry")
	tab.Sees("Connected")
	tab.Press("#unpair")
	tab.Press("#unpair-confirm")
	tab.Sees("No phone here yet")
	if n := len(w.devices()); n != 0 {
		t.Errorf("%d devices are registered", n)
	}
}

// What others wrote is text, whatever it looks like.
func TestForeignTextIsHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	hostile := []details.Detail{
		{Name: "Script", Value: `<script>document.title = "owned"</script><img src=x onerror="document.title='owned'">`},
		{Name: "Escape", Value: "\x1b[2J\x1b]0;owned\a"},
		{Name: "Override", Value: "pay \u202e001$\u202c"},
		{Name: "عربي", Value: "ادفع 100 دولار"},
		{Name: "Emoji", Value: "👨‍👩‍👧‍👦🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F"},
		{Name: "Hidden", Value: "a\u200bb\U000E0041"},
		{Name: "__proto__", Value: "no prototype"},
		{Name: "toString", Value: "{{constructor}}"},
	}
	uuid := w.ask("<b>Bold</b> & \x1b[31mred\x1b[0m \U0001F600?\nSecond line", hostile...)
	tab.Sees("<b>Bold</b> & ␛[31mred␛[0m 😀?\nSecond line")
	for _, shown := range []string{
		`<script>document.title = "owned"</script><img src=x onerror="document.title='owned'">`, "␛[2J␛]0;owned␇",
		"pay <U+202E>001$<U+202C>", "ادفع 100 دولار", hostile[4].Value, "a<U+200B>b<U+E0041>", "no prototype",
		"{{constructor}}",
	} {
		tab.Sees(shown)
	}
	if title := browser.Read[string](tab, "document.title"); title != "(1) Acme Bank – OneTouch phone" {
		t.Errorf("the title is %q", title)
	}
	if n := browser.Read[int](tab, "document.querySelectorAll('.card script, .card img, .card b').length"); n != 0 {
		t.Errorf("%d elements were made of text", n)
	}
	isolated := browser.Read[bool](tab, `[...document.querySelectorAll('.card dt, .card dd, .card .message')]
		.every((e) => getComputedStyle(e).unicodeBidi === 'isolate' && e.dir === 'auto')`)
	if !isolated {
		t.Error("the reading direction of one text reaches another")
	}
	// What is signed is every byte of it.
	tab.Press(card(uuid, ".approve"))
	w.called(uuid, "approved")
	w.evidence(uuid, "approved")
}

// The host of a logo learns nothing before the user agrees, and no more than an address then.
func TestLogoIsLoadedWhenAsked(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 16)
	const pixel = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>`
	host := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		asked <- r
		out.Header().Set("Content-Type", "image/svg+xml")
		_, _ = out.Write([]byte(pixel))
	}))
	t.Cleanup(host.Close)
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	logos := []approval.Logo{{Resolution: "default", URL: host.URL + "/logo.svg"}}
	uuid := w.askMore(authy.NewApprovalRequest{Message: "With a logo?", Logos: logos})
	tab.Sees("Show the logo from " + strings.TrimPrefix(host.URL, "http://"))
	select {
	case r := <-asked:
		t.Errorf("the logo was loaded unasked: %s", r.URL)
	default:
	}
	tab.Press(card(uuid, ".show-logo"))
	tab.Until("document.querySelector('.card .logo img')")
	r := <-asked
	if r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
		t.Errorf("the logo was asked for with %v", r.Header)
	}
	w.askMore(authy.NewApprovalRequest{Message: "Again?", Logos: logos}) // the answer is remembered
	tab.Until("document.querySelectorAll('.card .logo img').length === 2")
}

// A server that goes is missed, and one that comes back is found, with what has happened meanwhile.
func TestServerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	before := w.ask("Before?")
	tab.Until(`document.querySelector('.card:not(.arming)')`)
	w.stop()
	tab.Sees("Reconnecting.")
	tab.Hears("The connection to the server is lost.")
	tab.Press(card(before, ".approve"))
	tab.Sees("Not sent: the server does not answer. Answer again.")
	tab.Until("!document.querySelector('[role=status]').textContent.includes('Approving')")
	w.start(w.address)
	while := w.ask("Meanwhile?")
	pressIfThere(tab, "retry") // it goes once the page finds the server by itself
	tab.Sees("Meanwhile?")
	tab.Sees("Connected")
	tab.Press(card(while, ".deny"))
	w.called(while, "denied")
	tab.Until("document.querySelectorAll('.card').length === 1") // the other one moves up
	tab.Press(card(before, ".approve"))
	w.called(before, "approved")
}

// pressIfThere presses a button unless it has gone: looking and pressing are one step, between which nothing can happen.
func pressIfThere(tab *browser.Tab, id string) {
	browser.Read[bool](tab, "(() => { const it = document.getElementById('"+id+
		"'), there = it.checkVisibility(); if (there) it.click(); return there; })()")
}

func TestExpiryIsCountedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.paired(browser.Start(t, nil))
	seconds, never := int64(90), int64(0)
	w.askMore(authy.NewApprovalRequest{Message: "Never?", SecondsToExpire: &never})
	w.askMore(authy.NewApprovalRequest{Message: "Soon?", SecondsToExpire: &seconds})
	tab.Until(`/^1:[0-3]\d$/.test(document.querySelector('.card .left')?.textContent)`)
	tab.Sees("Never?")
	if n := browser.Read[int](tab, "document.querySelectorAll('.countdown:not([hidden])').length"); n != 1 {
		t.Errorf("%d requests are counted down, want 1", n)
	}
	w.clock.Advance(2 * 60e9)
	w.ask("Next?")
	tab.Hears("New request from Acme Bank: Next?")
	tab.Sees("Expired")
}

// Another phone of the user was faster.
func TestAnsweredElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab, other := w.paired(browser.Start(t, nil)), w.paired(browser.Start(t, nil))
	uuid := w.ask("Log in?")
	tab.Until(`document.querySelector('.card:not(.arming)')`)
	other.Press(card(uuid, ".approve"))
	w.called(uuid, "approved")
	tab.Press(card(uuid, ".deny"))
	tab.Hears("Your answer did not count: the request was answered already.")
	tab.Until("document.querySelector('#past-list .when')?.textContent.includes('On another phone.')")
}

// Two hundred requests are shown, and what a screen reader is told makes sense.
func TestManyRequestsAndTheirRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 201 {
		w.ask("Log in?")
	}
	tab := w.paired(browser.Start(t, nil))
	tab.Until("document.querySelectorAll('.card').length === 201")
	tab.Hears("201 new requests.")
	roles := tab.Roles()
	for _, want := range []string{
		"heading Requests 201", "button Approve", "button Deny", "button Deny with a reason", "button Unpair this phone",
		"status", "article Acme Bank Log in?", "banner", "main",
	} {
		if !slices.Contains(roles, want) {
			t.Errorf("nothing is told as %q", want)
		}
	}
	for _, role := range roles {
		if slices.Contains([]string{"button", "textbox", "link", "image", "article"}, role) {
			t.Errorf("a %s has no name", role)
		}
	}
	if live := browser.Read[string](tab, "document.querySelector('[role=status]').ariaLive"); live != "polite" {
		t.Errorf("the live region is %q", live)
	}
}
