package console_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// A request comes in while somebody looks, is approved, and its callback is seen with what was sent and what came back.
func TestRequestIsApprovedAndItsCallbackSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.opened(browser.Start(t, nil))
	if where := browser.Read[string](tab, "location.href"); strings.Contains(where, "#") || strings.Contains(where, controlToken) {
		t.Errorf("the token stays in the address bar: %s", where)
	}
	tab.Sees("No request yet.")
	uuid := w.ask("Send $12,400 to ACME?", details.Detail{Name: "Amount", Value: "$12,400"})
	tab.Hears("New request: Send $12,400 to ACME?")
	tab.Sees("Amount")
	answer(tab, ".approve")
	w.becomes(uuid, onetouch.StatusApproved)
	tab.Hears("Approved.")
	tab.Until(`document.querySelector('.links .pill[data-state=sent]')`)
	press(tab, "#tab-deliveries")
	press(tab, "[role=option]:has([data-state=sent])")
	tab.Until("document.querySelector(`.sides`)")
	tab.Sees("X-Authy-Signature")
	tab.Sees("taken <b>well</b>")
	press(tab, ".replay")
	tab.Hears("is sent again, as delivery")
	tab.Until(`document.querySelector('#sheet .over')?.textContent.includes('sentreplay')`)
}

func TestDeniedWithAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	uuid := w.ask("Log in?")
	tab := w.opened(browser.Start(t, nil))
	press(tab, ".open-reason")
	tab.Write("#reason-text", "It was not me — 誰?")
	tab.Keys(browser.KeyEnter)
	if request := w.becomes(uuid, onetouch.StatusDenied); request.Answer.Reason != "It was not me — 誰?" {
		t.Errorf("the reason is %q", request.Answer.Reason)
	}
	tab.Hears("Denied.")
	tab.Sees("It was not me — 誰?")
}

// Presses that follow each other are one answer, and the page says so.
func TestSecondPressAnswersNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.phones.hold = make(chan struct{})
	uuid := w.ask("Log in?")
	tab := w.opened(browser.Start(t, nil))
	answer(tab, ".approve")
	// The answer is on its way once the phone is asked for it. Then a press says that it is.
	tab.Until(`document.querySelector('[data-answer=approved]') && !document.querySelector('.undo')`)
	press(tab, ".approve")
	tab.Hears("Your approval is on its way already. It is sent once.")
	press(tab, ".deny")
	close(w.phones.hold)
	w.becomes(uuid, onetouch.StatusApproved)
	tab.Hears("Approved.")
	if n := w.phones.answers(); n != 1 {
		t.Errorf("the phone was asked for %d answers", n)
	}
}

func TestKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	uuid := w.ask("Log in?")
	tab := w.opened(browser.Start(t, nil))
	tab.Until("document.querySelector(`.question`)")
	tab.Keys("?")
	tab.Sees("the next request that waits")
	tab.Keys(browser.KeyEscape)
	tab.Until(`!document.querySelector('dialog[open]')`)
	tab.Keys("/")
	tab.Keys("Log out d") // letters are no commands while somebody writes
	tab.Sees("Nothing here is like that.")
	tab.Write("#search", "log IN")
	tab.Sees("Log in?")
	tab.Keys(browser.KeyTab + browser.KeyTab)
	if role := browser.Read[string](tab, "document.activeElement.getAttribute('role') + getComputedStyle(document.activeElement).outlineStyle"); role != "listboxsolid" {
		t.Errorf("after search and filter the Tab key comes to %q", role)
	}
	for _, tabName := range []string{"2", "3", "4", "5", "6", "1"} {
		tab.Keys(tabName)
	}
	tab.Until(`document.querySelector('#tab-requests[aria-selected=true]')`)
	// Keys do nothing before the request is chosen, so they are pressed until they have done something. An answer is taken back
	// at once, since it is held for a moment only, and a busy machine may be slower than that.
	pressUntil := func(isDone, keys string) {
		t.Helper()
		browser.Read[bool](tab, `new Promise((done) => {
			const press = () => {
				if (`+isDone+`) { done(true); return; }
				for (const key of '`+keys+`') {
					document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
				}
				setTimeout(press, 100);
			};
			press();
		})`)
	}
	pressUntil("document.querySelector('[role=status]').textContent === 'Taken back. Nothing was sent.'", "du")
	pressUntil("document.querySelector('[data-answer=denied]') || document.body.textContent.includes('Denied.')", "d")
	w.becomes(uuid, onetouch.StatusDenied)
}

// What others wrote is text, whatever it looks like, wherever it is shown.
func TestForeignTextIsHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const script = `<script>document.title = "owned"</script><img src=x onerror="document.title='owned'">`
	w.register(w.user, script)
	uuid := w.ask(script+" \x1b[31m \u202e", details.Detail{Name: script, Value: script})
	tab := w.opened(browser.Start(t, nil))
	tab.Until("document.querySelector(`.question`)")
	tab.Sees(script)
	tab.Sees("␛[31m")
	tab.Sees("<U+202E>")
	answer(tab, ".deny")
	w.becomes(uuid, onetouch.StatusDenied)
	for _, name := range []string{"phones", "users", "deliveries", "inbox", "traffic"} {
		press(tab, "#tab-"+name)
		press(tab, "[role=option]")
	}
	if title := browser.Read[string](tab, "document.title"); title != "OneTouch console" {
		t.Errorf("the title is %q", title)
	}
	if n := browser.Read[int](tab, "document.querySelectorAll('#panel script, #panel img:not(.diagram)').length"); n != 0 {
		t.Errorf("%d elements were made of text", n)
	}
}

// Who was added through the Verify API has neither e-mail address nor phone number, and is known by an identity.
func TestEntityIsKnownByItsIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entity, err := w.Service().AddEntity(w.Context(), w.Application().ID, "ada-of-acme")
	if err != nil {
		t.Fatal(err)
	}
	w.register(entity.AuthyID, "Entity's phone")
	if _, err := w.backend.CreateApprovalRequest(w.Context(), entity.AuthyID, authy.NewApprovalRequest{Message: "Pay?"}); err != nil {
		t.Fatal(err)
	}
	tab := w.opened(browser.Start(t, nil))
	tab.Until("document.querySelector(`.question`)")
	tab.Sees("ada-of-acme")
	press(tab, "#tab-users")
	tab.Until("document.querySelector('[role=option] b')?.textContent === 'ada-of-acme'")
	press(tab, "[role=option]")
	tab.Until("document.querySelector('#panel h2')?.textContent.includes('ada-of-acme')")
	if text := browser.Read[string](tab, "document.querySelector('main').textContent"); strings.Contains(text, "+0") {
		t.Errorf("a phone number is made up: %q", text)
	}
}

// A request that expires, or is answered elsewhere, while somebody looks.
func TestDecidedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	uuid := w.ask("Log in?")
	first := w.opened(browser.Start(t, nil))
	second := w.opened(browser.Start(t, nil))
	w.phones.hold = make(chan struct{})
	answer(first, ".approve")
	answer(second, ".deny")
	second.Until(`document.querySelector('[data-answer=denied]') && !document.querySelector('.undo')`)
	first.Until(`document.querySelector('[data-answer=approved]') && !document.querySelector('.undo')`)
	close(w.phones.hold)
	first.Until(`document.querySelector('#sheet .pill')?.dataset.state !== 'pending'`)
	second.Until(`document.querySelector('#sheet .pill')?.dataset.state !== 'pending'`)
	decided, err := w.Service().AnyApprovalRequest(t.Context(), uuid)
	if err != nil {
		t.Fatal(err)
	}
	loser := map[onetouch.Status]*browser.Tab{onetouch.StatusApproved: second, onetouch.StatusDenied: first}[decided.Status]
	loser.Hears("did not count")

	w.ask("And now?")
	first.Sees("And now?")
	if _, err := w.control.AdvanceClock(t.Context(), 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	first.Until(`document.querySelectorAll('#rows [data-state=expired]').length === 1`)
}

// Nobody here can answer for a phone whose key is elsewhere, and the page says what helps.
func TestNobodyCanAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.phones.all = nil
	w.ask("Log in?")
	tab := w.opened(browser.Start(t, nil))
	tab.Sees("Nobody here can answer")
	tab.Sees("onetouch device register --user")
	tab.Keys("a")
	tab.Hears("Nobody here can answer")
}

// A server that goes is missed, and one that comes back is found, with what has happened meanwhile.
func TestServerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ask("Before?")
	tab := w.opened(browser.Start(t, nil))
	tab.Sees("Before?")
	w.stop()
	tab.Sees("Reconnecting.")
	w.start(w.address)
	w.ask("Meanwhile?")
	tab.Sees("Meanwhile?")
	tab.Sees("Live")
	tab.Until("document.getElementById('gone').hidden")
	if text := browser.Read[string](tab, "document.getElementById('rows').innerText"); !strings.Contains(text, "Before?") {
		t.Errorf("the list is %q", text)
	}
}

// A reset and a restored snapshot leave nothing of what was there before.
func TestEverythingIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ask("Kept?")
	var snapshot bytes.Buffer
	if err := w.control.SaveSnapshot(t.Context(), &snapshot); err != nil {
		t.Fatal(err)
	}
	w.ask("Lost?")
	tab := w.opened(browser.Start(t, nil))
	tab.Sees("Lost?")
	if _, err := w.control.Reset(t.Context(), controlapi.Reset{}); err != nil {
		t.Fatal(err)
	}
	tab.Sees("No request yet.")
	if _, err := w.control.RestoreSnapshot(t.Context(), &snapshot); err != nil {
		t.Fatal(err)
	}
	tab.Sees("Kept?")
	w.ask("After?")
	tab.Sees("After?")
	tab.SeesNot("Lost?")
}

// Without the token, or with another one, the page shows nothing and says what to do. A page that is loaded anew has lost it.
func TestTokenIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ask("Secret?")
	b := browser.Start(t, nil)
	tab := b.Open(w.base() + "/console/#wrong")
	tab.Sees("This link does not work any more")
	tab.Sees("onetouch console")
	tab.Go(w.link()) // only what is behind the # is another
	tab.Sees("Secret?")
	tab.Go(w.base() + "/console/")
	tab.Sees("This page has no token")
	tab.SeesNot("Secret?")
	kept := browser.Read[int](tab, "localStorage.length + sessionStorage.length + document.cookie.length")
	if kept != 0 {
		t.Errorf("%d things are kept in the browser", kept)
	}
}

// Another page cannot call the control API, even if it has the token.
func TestOtherOriginsCannotCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := browser.Start(t, nil).Open("http://127.0.0.1" + w.address[strings.LastIndex(w.address, ":"):] + "/console/")
	tab.Sees("This page has no token")
	got := browser.Read[string](tab, `fetch('`+w.base()+`/control/v1/users', { headers: { Authorization: 'Bearer `+controlToken+`' } })
		.then((r) => 'status ' + r.status, () => 'refused')`)
	if got != "refused" { // the page's own policy, and the browser, since no answer allows other origins
		t.Errorf("another origin gets %q", got)
	}
	for name, value := range map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.address+"/control/v1/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+controlToken)
		request.Header.Set(name, value)
		answer, err := newClient(t).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("with %s: %s it is answered %s", name, value, answer.Status)
		}
	}
}

func TestClockAndFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.opened(browser.Start(t, nil))
	press(tab, "#open-clock")
	press(tab, "[data-by='24h']")
	tab.Sees("It is 1 day ahead of this machine’s.")
	tab.Write("#clock-by", "yesterday")
	tab.Keys(browser.KeyEnter)
	tab.Sees("must be a duration")
	press(tab, "#clock-freeze")
	tab.Sees("It stands still.")
	press(tab, "#clock-freeze")
	tab.Sees("It runs.")
	press(tab, "#clock-dialog .close")
	press(tab, "#open-faults")
	tab.Write("#fault-match", "POST /onetouch/*")
	press(tab, "#fault-form .main")
	tab.Sees("POST /onetouch/*: error 60050, status 400, 1 time")
	if faults, err := w.control.Faults(t.Context()); err != nil || len(faults) != 1 || faults[0].Error != "60050" {
		t.Errorf("in force are %+v, %v", faults, err)
	}
	press(tab, "#fault-list button")
	tab.Sees("Nothing does.")
	if faults, err := w.control.Faults(t.Context()); err != nil || len(faults) != 0 {
		t.Errorf("in force are %+v, %v", faults, err)
	}
}

// Ten thousand requests are listed as a few rows, and found by their words.
func TestTenThousandRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// The page sees them by the control API, whose answers the test makes.
	tab := browser.Start(t, nil).Open(w.base() + "/console/")
	browser.Read[bool](tab, `(() => {
		const real = window.fetch;
		const make = (n) => ({ uuid: 'u' + n, status: 'approved', message: 'Request number ' + n, details: {}, hidden_details: {}, authy_id: 1,
			app_id: 'a', app_name: 'Acme', created_at: '2026-01-01T00:00:00Z', expires_at: null, client_warnings: [] });
		window.fetch = (url, options) => {
			const query = new URL(url, location.href);
			if (query.pathname !== '/control/v1/approval_requests') return real(url, options);
			const from = Number(query.searchParams.get('before')?.slice(1) ?? 10000);
			const page = Array.from({ length: Math.min(from, 500) }, (_, i) => make(from - 1 - i));
			return Promise.resolve(new Response(JSON.stringify(page)));
		};
		history.replaceState(null, '', '/console/#`+controlToken+`');
		document.body.dataset.screen = 'open';
		document.getElementById('closed').hidden = true;
		return import('/console/main.js?again').then(() => true);
	})()`)
	tab.Until("document.getElementById('note').textContent === '10,000 requests'")
	if rows := browser.Read[int](tab, "document.querySelectorAll('[role=option]').length"); rows > 60 {
		t.Errorf("%d rows are there", rows)
	}
	tab.Write("#search", "number 17")
	tab.Until("document.getElementById('note').textContent === '111 of 10,000 requests'")
	press(tab, "[data-key=u1799]")
	tab.Until("document.querySelector('.question').textContent === 'Request number 1799'")
}

// What comes at once is listed newest first, whichever answer is here first, and however many pages it is.
func TestNewestIsOnTop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := browser.Start(t, nil).Open(w.base() + "/console/")
	listed := browser.Read[[]string](tab, `(async () => {
		const { Data } = await import('/console/data.js');
		const made = Array.from({ length: 1200 }, (_, n) => ({ uuid: 'u' + n, id: n }));
		let answered; // the newest of those that are read one by one: only then the others are
		const newest = new Promise((resolve) => { answered = resolve; });
		window.fetch = async (url) => {
			const { pathname, searchParams } = new URL(url, location.href);
			const answer = (value) => new Response(JSON.stringify(value));
			const [, one] = pathname.match(/approval_requests.u(\d+)/) ?? [];
			if (one === '2') setTimeout(answered);
			else if (one) await newest;
			if (one) return answer(made[one]);
			if (searchParams.has('request')) return answer([made[searchParams.get('request').slice(1)]]);
			if (!pathname.endsWith('/approval_requests')) return answer([]);
			const from = Number(searchParams.get('before')?.slice(1) ?? made.length);
			return answer(made.slice(Math.max(0, from - 500), from).reverse());
		};
		const heard = (from, to) => made.slice(from, to).map(({ uuid }) => ({ type: 'one_touch_request_created', request_uuid: uuid }));
		const [few, many] = [new Data(() => {}), new Data(() => {})];
		await few.happened(heard(0, 3));
		await many.happened(heard(0, 1200));
		const inOrder = ({ items }) => items.every(({ id }, at) => id === items.length - 1 - at) && String(items.length);
		return [few.requests, few.deliveries, many.requests].map((things) => inOrder(things) || things.items.map(({ id }) => id).join());
	})()`)
	if want := []string{"3", "3", "1200"}; !slices.Equal(listed, want) {
		t.Errorf("in order are %v, want %v", listed, want)
	}
}

// What a screen reader is told makes sense, and nothing is wider than the window.
func TestPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tab := w.opened(browser.Start(t, nil))
	eachLook(t, tab, "empty")
	denied := w.ask("Log in from Bogotá, Colombia?")
	tab.Sees("Log in from Bogotá")
	answer(tab, ".deny")
	w.becomes(denied, onetouch.StatusDenied)
	approved := w.ask("Log in from Vienna, Austria?")
	choose(tab, approved)
	answer(tab, ".approve")
	w.becomes(approved, onetouch.StatusApproved)
	w.ask("تسجيل الدخول من بوغوتا؟ 🏦", details.Detail{Name: "AVeryLongNameWithoutASingleSpaceInIt", Value: "x\x1b[2J\u202ex"})
	waiting := w.ask("Send $12,400.00 to ACME Corporation?", details.Detail{Name: "From", Value: "Checking •• 4821"},
		details.Detail{Name: "To", Value: "ACME Corporation, 22000033332222"}, details.Detail{Name: "Amount", Value: "$12,400.00"})
	choose(tab, waiting)
	tab.Until("document.querySelector('.approve')")
	eachLook(t, tab, "list")
	press(tab, `[data-key="`+waiting+`"]`)
	tab.Until("document.querySelector('img.diagram:not([hidden])')?.complete || document.querySelector('.scroll + p:not([hidden])')")
	roles := strings.Join(tab.Roles(), "\n")
	for _, want := range []string{
		"tab Requests 2", "tabpanel Requests 2", "listbox Requests", "button Approve", "button Deny", "status", "searchbox Search this list",
		"button Keys and help", "heading Send $12,400.00 to ACME Corporation?", "image Sequence diagram of the request: pending",
	} {
		if !strings.Contains(roles, want) {
			t.Errorf("nothing is told as %q", want)
		}
	}
	eachLook(t, tab, "waiting")
	choose(tab, approved)
	tab.Until("document.querySelector('.links .pill[data-state=sent]')")
	eachLook(t, tab, "approved")
	for _, name := range []string{"phones", "users", "deliveries", "inbox", "traffic"} {
		press(tab, "#tab-"+name)
		press(tab, "[role=option]")
		tab.Until("document.querySelector('#sheet h2, #sheet .body')")
		eachLook(t, tab, name)
	}
	press(tab, "#open-clock")
	eachLook(t, tab, "clock")
	press(tab, "#clock-dialog .close")
	press(tab, "#open-faults")
	eachLook(t, tab, "faults")
	press(tab, "#faults-dialog .close")
	press(tab, "#open-help")
	eachLook(t, tab, "help")
	press(tab, "#help-dialog .close")
	w.stop()
	tab.Sees("Reconnecting.")
	eachLook(t, tab, "gone")
	w.start(w.address)
}

// eachLook takes the pictures of a screen on a phone and on a desk, by day and by night.
func eachLook(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	for look, size := range map[string][2]int64{"390": {390, 844}, "1440": {1440, 900}} {
		for scheme, dark := range map[string]bool{"light": false, "dark": true} {
			tab.Look(size[0], size[1], dark)
			if width := browser.Read[int64](tab, "document.documentElement.scrollWidth"); width > size[0] {
				t.Errorf("%s is %d pixels wide at %s", name, width, look)
			}
			tab.Picture(name + "-" + look + "-" + scheme)
		}
	}
	tab.Look(1440, 900, false)
}
