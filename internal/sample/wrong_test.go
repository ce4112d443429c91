package sample_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/sample"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// transferOf is a form.
func transferOf(key, to, amount string) map[string]string {
	return map[string]string{"key": key, "to": to, "amount": amount, "memo": ""}
}

// isState waits until the newest transfer is in a state, and returns all that the page shows.
func (v *visitor) isState(state string) seen {
	v.w.Helper()
	return v.until("a transfer that is "+state, func(s seen) bool {
		return s.Customer != nil && len(s.Customer.Transfers) > 0 && s.Customer.Transfers[0].State == state
	})
}

// The same form sent twice, at once or one after the other, is one transfer, which is carried out once.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	d := v.phone()
	var clicks sync.WaitGroup
	for range 8 {
		clicks.Go(func() {
			if status, answer := v.post("/transfers", transferOf("one", "ACME", "2500")); status != http.StatusOK {
				t.Errorf("a click is answered %d %v", status, answer)
			}
		})
	}
	clicks.Wait()
	if shown := v.look(); len(shown.Customer.Transfers) != 1 {
		t.Fatalf("%d transfers", len(shown.Customer.Transfers))
	}
	w.approve(d)
	if shown := v.isState("done"); shown.Customer.Balance != "$22,500.00" {
		t.Errorf("the balance is %s", shown.Customer.Balance)
	}
	// The back button brings the form once more.
	if status, _ := v.post("/transfers", transferOf("one", "ACME", "2500")); status != http.StatusOK {
		t.Errorf("the form once more is answered %d", status)
	}
	if status, _ := v.post("/transfers", transferOf("one", "ACME", "9500")); status != http.StatusConflict {
		t.Errorf("the form with another amount is answered %d", status)
	}
	if shown := v.look(); len(shown.Customer.Transfers) != 1 || shown.Customer.Balance != "$22,500.00" {
		t.Errorf("shown: %+v", shown.Customer)
	}
}

// Somebody presses twice before anything is drawn anew, on the bank's page and on the phone's.
func TestDoubleClickInTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.newcomer(browser.Start(t, nil))
	phone := p.setUpPage("ada")
	p.Write("#transfer [name=to]", "ACME")
	p.Write("#transfer [name=amount]", "2500")
	const twice = "(() => { const b = document.querySelector('%s'); b.click(); b.click(); return true; })()"
	browser.Read[bool](p.Tab, fmt.Sprintf(twice, "#transfer-send"))
	p.newest("waiting")
	phone.Front()
	phone.Until("document.querySelector('.card:not(.arming)')")
	browser.Read[bool](phone, fmt.Sprintf(twice, ".card:not(.arming) .approve"))
	p.newest("done")
	p.Until("document.querySelectorAll('.transfer').length === 1")
	p.Until("document.getElementById('available').textContent === '$22,500.00'")
}

// Callback and poll, both of the same answer, and the callback again: the money moves once.
func TestWhateverComesTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *sample.Options) { o.Answers = sample.ByBoth })
	v := w.signedUp("ada", "202-555-0158")
	d := v.phone()
	v.does("/transfers", transferOf("one", "ACME", "2500"))
	request := w.pending(d)
	w.approve(d)
	<-w.calledBack
	v.isState("done")
	again := w.service.WaitCallback(request.UUID)
	for range 2 { // the service calls again, with another nonce each time
		if status := w.callBack(again.Raw, w.service.APIKey, ""); status != http.StatusOK {
			t.Errorf("the callback once more is answered %d", status)
		}
	}
	shown := v.look()
	if shown.Customer.Balance != "$22,500.00" || len(shown.Customer.Transfers) != 1 {
		t.Errorf("shown: %+v", shown.Customer)
	}
	story := fmt.Sprint(shown.Customer.Transfers[0].Story)
	if strings.Count(story, "carried it out") != 1 || !strings.Contains(story, "nothing new") {
		t.Errorf("the story: %s", story)
	}
}

// nonces differs from callback to callback.
var nonces = struct { //nolint:gochecknoglobals // the service never repeats one within a test
	sync.Mutex
	last int64
}{}

// callBack sends a callback of our own making, and returns what the bank answers.
func (w *world) callBack(payload []byte, apiKey, signature string) int {
	w.Helper()
	nonces.Lock()
	nonces.last = max(nonces.last+1, w.clock.Now().Unix()-60)
	nonce := strconv.FormatInt(nonces.last, 10)
	nonces.Unlock()
	r, err := callback.NewRequest(w.Context(), apiKey, nonce, http.MethodPost, w.url+sample.CallbackPath, payload)
	if err != nil {
		w.Fatal(err)
	}
	switch signature {
	case "":
	case "none":
		r.Header.Del(callback.SignatureHeader)
	default:
		r.Header.Set(callback.SignatureHeader, signature)
	}
	response, err := newClient(w.T).Do(r)
	if err != nil {
		w.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Nobody but the service approves anything: not without a signature, with another key's, with a changed body, or with the
// right one of another bank's request.
func TestForgedCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	d := v.phone()
	v.does("/transfers", transferOf("one", "ACME", "2500"))
	request := w.pending(d)
	reference := request.HiddenDetails.Get("reference")
	payload := []byte(fmt.Sprintf(`{"authy_id":%d,"device_uuid":"x","uuid":%q,"status":"approved","approval_request":{"transaction":`+
		`{"message":"x","details":{},"hidden_details":{"reference":%q,"digest":"0"}}}}`, d.AuthyID(), request.UUID, reference))
	for name, forge := range map[string]func() int{
		"unsigned":        func() int { return w.callBack(payload, w.service.APIKey, "none") },
		"another key":     func() int { return w.callBack(payload, "another-key", "") },
		"another message": func() int { return w.callBack(payload, w.service.APIKey, "AAAA") },
	} {
		if status := forge(); status != http.StatusForbidden {
			t.Errorf("%s: answered %d", name, status)
		}
	}
	if status, _ := v.post(sample.CallbackPath, map[string]string{"uuid": request.UUID, "status": "approved"}); status != http.StatusForbidden {
		t.Errorf("from the page: answered %d", status)
	}
	if shown := v.look(); shown.Customer.Transfers[0].State != "waiting" || shown.Customer.Balance != "$25,000.00" {
		t.Errorf("after forged callbacks: %+v", shown.Customer)
	}
	w.approve(d)
	v.isState("done")
}

// A transfer that is changed after the request was sent does not go through by the approval of what it was before.
func TestChangedTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	d := v.phone()
	first := v.does("/transfers", transferOf("one", "ACME", "2500")).Customer.Transfers[0]
	former := w.pending(d)
	shown := v.does("/transfers/"+first.ID+"/change", transferOf("two", "ACME", "9500"))
	if len(shown.Customer.Transfers) != 2 || shown.Customer.Transfers[1].State != "replaced" {
		t.Fatalf("shown: %+v", shown.Customer.Transfers)
	}
	if err := d.Approve(t.Context(), former); err != nil {
		t.Fatal(err)
	}
	<-w.calledBack
	shown = v.look()
	if shown.Customer.Transfers[0].State != "waiting" || shown.Customer.Transfers[1].State != "replaced" ||
		shown.Customer.Balance != "$25,000.00" {
		t.Errorf("after the approval of what was there before: %+v", shown.Customer)
	}
	w.approve(d)
	if shown := v.isState("done"); shown.Customer.Balance != "$15,500.00" || shown.Customer.Transfers[0].Amount != "$9,500.00" {
		t.Errorf("after the approval of the change: %+v", shown.Customer)
	}
	if status, _ := v.post("/transfers/"+first.ID+"/change", transferOf("three", "ACME", "1")); status != http.StatusConflict {
		t.Errorf("a change of what was changed is answered %d", status)
	}
}

// Somebody has got at what the bank keeps: what was approved is not what would be done, so nothing is done.
func TestTamperedTransfer(t *testing.T) {
	t.Parallel()
	for _, answers := range []sample.Answers{sample.ByCallback, sample.ByPoll} {
		t.Run(string(answers), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *sample.Options) { o.Answers = answers })
			v := w.signedUp("ada", "202-555-0158")
			d := v.phone()
			id := v.does("/transfers", transferOf("one", "ACME", "2500")).Customer.Transfers[0].ID
			w.bank.Tamper("ada", id, "Mallory", 9_999_00)
			w.approve(d)
			shown := v.isState("denied")
			if shown.Customer.Balance != "$25,000.00" || !strings.Contains(fmt.Sprint(shown.Customer.Transfers[0].Story), "not what Ada was asked") {
				t.Errorf("shown: %+v", shown.Customer)
			}
		})
	}
}

// Nobody is let in to a session that somebody else has prepared, and nobody is known by the ID from before.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.signedUp("ada", "202-555-0158")
	d := owner.phone()
	v := w.visitor()
	v.look()
	prepared, preparedToken := v.cookie(), v.csrf
	if status, answer := v.post("/login/passwordless", map[string]string{"name": "ada"}); status != http.StatusOK {
		t.Fatalf("answered %d %v", status, answer)
	}
	w.approve(d)
	v.until("an approved login", func(s seen) bool { return s.Login.Status == "approved" })
	planter := w.visitor() // has put its own session into the browser beforehand
	planter.look()
	planter.setCookie(prepared.Value)
	planter.csrf = preparedToken
	if status, _ := planter.post("/login/finish", nil); status != http.StatusForbidden {
		t.Errorf("whoever has prepared the session finishes the login that was begun in it: answered %d", status)
	}
	begun, token := v.cookie(), v.csrf
	if begun.Value == prepared.Value || token == preparedToken {
		t.Error("session ID or CSRF token is the one from before the login began")
	}
	if shown := v.does("/login/finish", nil); shown.Customer == nil {
		t.Fatal("nobody is logged in")
	}
	if v.cookie().Value == begun.Value || v.csrf == token {
		t.Error("session ID or CSRF token is the one from before the login")
	}
	other := w.visitor()
	other.look()
	own := other.cookie().Value
	other.setCookie(begun.Value)
	if shown := other.look(); shown.CSRF != "" || shown.Customer != nil || shown.Login != nil {
		t.Errorf("the ID from before the login leads somewhere: %+v", shown)
	}
	w.advance(time.Minute)
	if shown := other.look(); shown.Customer != nil || shown.Login != nil || other.cookie().Value == begun.Value {
		t.Error("the ID from before the login leads somewhere, later")
	}
	other.setCookie("made-up-by-somebody")
	if other.look(); other.cookie().Value == "made-up-by-somebody" || other.cookie().Value == own {
		t.Error("the bank takes an ID that it has not given")
	}
}

// A look that was on its way with the cookie from before a login brings no other cookie: it would put the customer out again.
func TestLookDuringALogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, late := w.visitor(), w.visitor()
	v.look()
	late.look()
	late.setCookie(v.cookie().Value)
	v.does("/signup", map[string]string{"name": "ada", "email": "ada@example.com", "phone": "202-555-0158", "password": password})
	before := late.cookie().Value
	if late.look(); late.cookie().Value != before {
		t.Error("the look has brought another cookie")
	}
}

// Two banks on one machine, such as one that polls beside one that is called back, put nobody out of the other.
func TestTwoBanks(t *testing.T) {
	t.Parallel()
	first, second := newWorld(t), newWorld(t, func(o *sample.Options) { o.Answers = sample.ByPoll })
	v := first.signedUp("ada", "202-555-0158")
	other := second.visitor()
	other.http = v.http // the same browser: to its cookies, ports are all the same
	other.look()
	other.does("/signup", map[string]string{"name": "eve", "email": "eve@example.com", "phone": "202-555-0159", "password": password})
	for want, v := range map[string]*visitor{"ada": v, "eve": other} {
		if shown := v.look(); shown.Customer == nil || shown.Customer.Name != want {
			t.Errorf("%s is out: %+v", want, shown.Customer)
		}
	}
}

// An approved login lets in the browser that began it, and no other; once, and not for ever.
func TestLoginBelongsToItsBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.signedUp("ada", "202-555-0158")
	d := owner.phone()
	v, other := w.visitor(), w.visitor()
	v.look()
	other.look()
	v.does("/login", map[string]string{"name": "ada", "password": password})
	if status, _ := v.post("/login/finish", nil); status != http.StatusForbidden {
		t.Errorf("before the approval: answered %d", status)
	}
	w.approve(d)
	v.until("an approved login", func(s seen) bool { return s.Login.Status == "approved" })
	if status, _ := other.post("/login/finish", nil); status != http.StatusConflict {
		t.Errorf("another browser: answered %d", status)
	}
	if other.look().Customer != nil {
		t.Error("another browser is let in")
	}
	if shown := v.does("/login/finish", nil); shown.Customer == nil || shown.Customer.Name != "ada" {
		t.Errorf("shown: %+v", shown)
	}
	if status, _ := v.post("/login/finish", nil); status != http.StatusConflict {
		t.Errorf("once more: answered %d", status)
	}

	other.does("/login/passwordless", map[string]string{"name": "ada"})
	w.approve(d)
	other.until("an approved login", func(s seen) bool { return s.Login.Status == "approved" })
	w.advance(2*lifetime + time.Second)
	if status, _ := other.post("/login/finish", nil); status != http.StatusForbidden {
		t.Errorf("long after: answered %d", status)
	}
}

// Every call that changes something wants the page's token and the page's origin. The calls are those of the bank's own
// table, so that one that is added is tested as well.
func TestForeignSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	d := v.phone()
	v.until("a phone", func(s seen) bool { return s.Customer.Phones[0].Has })
	id := v.does("/transfers", transferOf("one", "ACME", "2500")).Customer.Transfers[0].ID
	before := v.look()
	changes := 0
	for _, route := range w.bank.Routes() {
		if route.Method == http.MethodGet || route.Path == sample.CallbackPath {
			continue
		}
		changes++
		if !route.Changes {
			t.Errorf("%s %s changes something and does not say so", route.Method, route.Path)
		}
		path := strings.NewReplacer("{id}", id, "{holder}", "bob").Replace(route.Path)
		for name, foreign := range map[string]func(http.Header){
			"no token":            func(h http.Header) { h.Del("X-CSRF-Token") },
			"a wrong token":       func(h http.Header) { h.Set("X-CSRF-Token", "AAAAAAAAAAAAAAAAAAAAAAAAAA") },
			"another site":        func(h http.Header) { h.Set("Origin", "https://evil.example") },
			"no origin":           func(h http.Header) { h.Del("Origin") },
			"an origin of nobody": func(h http.Header) { h.Set("Origin", "null") },
			"another port":        func(h http.Header) { h.Set("Origin", "http://localhost:1") },
			"a cross-site fetch":  func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") },
			"a same-site fetch":   func(h http.Header) { h.Set("Sec-Fetch-Site", "same-site") },
		} {
			if status, answer := v.post(path, transferOf("x", "Mallory", "1"), foreign); status != http.StatusForbidden {
				t.Errorf("%s with %s is answered %d %v", path, name, status, answer)
			}
		}
		if route.LoggedIn {
			stranger := w.visitor()
			stranger.look()
			if status, _ := stranger.post(path, transferOf("x", "Mallory", "1")); status != http.StatusUnauthorized {
				t.Errorf("%s of a stranger is answered %d", path, status)
			}
		}
	}
	if changes < 8 {
		t.Errorf("only %d calls change something", changes)
	}
	if after := v.look(); fmt.Sprint(after.Customer) != fmt.Sprint(before.Customer) {
		t.Errorf("something has changed: %+v", after.Customer)
	}
	w.approve(d)
	v.isState("done")
}

// A link of another site to the session, which browsers follow without the bank's cookie, begins no other one: its cookie
// would take the place of the customer's, who would be out.
func TestForeignLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.newcomer(browser.Start(t, nil))
	links := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(out, `<a id="session" href="%[1]s/session">1</a><a id="page" href="%[1]s/">2</a>`, w.url)
	}))
	t.Cleanup(links.Close)
	foreign := p.b.Open(links.URL) // 127.0.0.1 is another site than localhost
	foreign.Press("#session")
	foreign.Sees("did not come from the bank")
	foreign.Go(links.URL)
	foreign.Press("#page")
	foreign.Sees("Hello, Ada")
	p.Front()
	p.Go(w.url + "/")
	p.Sees("Hello, Ada")
}

// Another customer's transfer is nobody else's to change.
func TestForeignTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.signedUp("ada", "202-555-0158"), w.signedUp("eve", "202-555-0159")
	id := ada.does("/transfers", transferOf("one", "ACME", "2500")).Customer.Transfers[0].ID
	for _, path := range []string{"/change", "/cancel"} {
		if status, _ := eve.post("/transfers/"+id+path, transferOf("one", "Eve", "1")); status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, status)
		}
	}
	if status, _ := eve.post("/phones/ada", nil); status != http.StatusNotFound {
		t.Errorf("a phone of ada's for eve is answered %d", status)
	}
}

// Passwords cannot be guessed, and nobody's phone can be rung all day.
func TestBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signedUp("ada", "202-555-0158")
	for _, name := range []string{"ada", "nobody"} {
		v := w.visitor()
		v.look()
		var statuses []int
		for range 7 {
			status, _ := v.post("/login", map[string]string{"name": name, "password": "wrong password"})
			statuses = append(statuses, status)
		}
		if want := []int{401, 401, 401, 401, 401, 429, 429}; !slices.Equal(statuses, want) {
			t.Errorf("%s: answered %v, want %v", name, statuses, want)
		}
	}
	v := w.visitor()
	v.look()
	if status, _ := v.post("/login", map[string]string{"name": "ada", "password": password}); status != http.StatusTooManyRequests {
		t.Errorf("the right password after five wrong ones is answered %d", status)
	}
	w.advance(16 * time.Minute)
	if v.does("/login", map[string]string{"name": "ada", "password": password}).Customer == nil {
		t.Error("later the right password is not taken")
	}
	last := 0
	v = w.visitor()
	v.look()
	for range 11 {
		last, _ = v.post("/login/passwordless", map[string]string{"name": "nobody"})
		v.look() // each begins under a new token
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the eleventh request to a phone is answered %d", last)
	}
}

// Nobody learns who is a customer: a login of nobody's waits and expires as any other.
func TestUnknownCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor()
	v.look()
	shown := v.does("/login/passwordless", map[string]string{"name": "nobody"})
	if shown.Login == nil || shown.Login.Status != "pending" || !strings.Contains(fmt.Sprint(shown.Login.Story), "asked Nobody: approval request ") {
		t.Fatalf("shown: %+v", shown.Login)
	}
	w.advance(lifetime)
	v.until("an expired login", func(s seen) bool { return s.Login.Status == "expired" })
	// Nobody gets in as one of the two other holders by a password.
	if status, _ := v.post("/login", map[string]string{"name": "bob", "password": ""}); status != http.StatusUnauthorized {
		t.Errorf("answered %d", status)
	}
	// One phone number is one person.
	w.signedUp("ada", "202-555-0158")
	if status, _ := v.post("/signup", map[string]string{
		"name": "eve", "email": "eve@example.com", "phone": "(202) 555 0158", "password": password,
	}); status != http.StatusConflict {
		t.Errorf("a second customer with the number is answered %d", status)
	}
}

// Wrong input is refused with words, and changes nothing.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	for amount, want := range map[string]int{
		"": 400, "0": 400, "-5": 400, "1e3": 400, "1.5": 400, "0.00": 400, "12,34": 400, "1,2345": 400, "9999999999": 400, "١٢": 400,
		"25,000.01": 409, "999999999": 409, "999,999,999.99": 409, "1,000,000,000": 400, "0x10": 400,
		"184,467,440,737,095,517": 400, // in cents: 84 more than 64 bits can count
	} {
		if status, _ := v.post("/transfers", transferOf("key"+amount, "ACME", amount)); status != want {
			t.Errorf("%q is answered %d, want %d", amount, status, want)
		}
	}
	for name, form := range map[string]map[string]string{
		"nobody": transferOf("a", " ", "5"), "a long name": transferOf("b", strings.Repeat("x", 61), "5"), "no key": transferOf("", "ACME", "5"),
	} {
		if status, _ := v.post("/transfers", form); status != http.StatusBadRequest {
			t.Errorf("%s is answered %d", name, status)
		}
	}
	if status, _ := v.post("/transfers", strings.Repeat("x", 20_000)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too much is answered %d", status)
	}
	stranger := w.visitor()
	stranger.look()
	for name, n := range map[string]map[string]string{
		"a name of one letter": {"name": "x"}, "a name with a dot": {"name": "a.b"}, "a short password": {"name": "bea", "password": "1234567"},
		"a long password": {"name": "bea", "password": strings.Repeat("x", 73)},
		"no number":       {"name": "bea", "password": password, "email": "bea@example.com", "phone": "12"},
	} {
		if status, answer := stranger.post("/signup", n); status != http.StatusBadRequest {
			t.Errorf("%s is answered %d %v", name, status, answer)
		}
	}
	if shown := v.look(); len(shown.Customer.Transfers) != 0 {
		t.Errorf("shown: %+v", shown.Customer)
	}
}

// Where the service cannot be asked, nobody is let in and no money moves.
func TestServiceIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	v.phone()
	v.until("a phone", func(s seen) bool { return s.Customer.Phones[0].Has })
	w.service.AddFault(faultOfEverything())
	if shown := v.does("/transfers", transferOf("one", "ACME", "2500")); shown.Customer.Transfers[0].State != "failed" ||
		shown.Customer.Available != "$25,000.00" {
		t.Errorf("shown: %+v", shown.Customer)
	}
	other := w.visitor()
	other.look()
	if status, _ := other.post("/login", map[string]string{"name": "ada", "password": password}); status != http.StatusServiceUnavailable {
		t.Errorf("answered %d", status)
	}
	if other.look().Customer != nil {
		t.Error("somebody is let in")
	}
}

// The page is strict, loads nothing from elsewhere, and is nobody's but the bank's. The API key is nowhere in it.
func TestHeadersAndSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedUp("ada", "202-555-0158")
	v.does("/transfers", transferOf("one", "ACME", "2500"))
	if cookie := v.setCookieHeader(); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Errorf("the cookie: %s", cookie)
	}
	for _, route := range w.bank.Routes() {
		if route.Method != http.MethodGet || route.Path == sample.CallbackPath || route.Path == "/changes" {
			continue
		}
		r := httptest.NewRequest(http.MethodGet, w.url+strings.TrimSuffix(route.Path, "{$}"), nil)
		r.AddCookie(v.cookie())
		out := httptest.NewRecorder()
		w.bank.Handler().ServeHTTP(out, r)
		if out.Code != http.StatusOK || bytes.Contains(out.Body.Bytes(), []byte(w.service.APIKey)) {
			t.Errorf("%s is answered %d, or shows the API key", route.Path, out.Code)
		}
		policy := out.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") ||
			out.Header().Get("Cache-Control") != "no-store" || out.Header().Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s has the headers %v", route.Path, out.Header())
		}
	}
	for host, want := range map[string]int{"evil.example": http.StatusMisdirectedRequest, "localhost:1": http.StatusMisdirectedRequest} {
		r := httptest.NewRequest(http.MethodGet, "/session", nil)
		r.Host = host
		out := httptest.NewRecorder()
		w.bank.Handler().ServeHTTP(out, r)
		if out.Code != want {
			t.Errorf("under the name %s it answers %d", host, out.Code)
		}
	}
}
