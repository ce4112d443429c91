package sample_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/sample"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
)

// inWays plays a story with each of the ways to learn of answers.
func inWays(t *testing.T, play func(t *testing.T, w *world, p *person), ways ...sample.Answers) {
	t.Helper()
	for _, answers := range ways {
		t.Run(string(answers), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *sample.Options) { o.Answers = answers })
			play(t, w, w.customer(browser.Start(t, nil)))
		})
	}
}

// Two factors, and the phone alone: approved, denied and expired, in a browser.
func TestLogins(t *testing.T) {
	t.Parallel()
	inWays(t, func(t *testing.T, w *world, p *person) {
		for _, flow := range []string{"login", "passwordless"} {
			p.logsOut()
			p.begins(flow)
			code := browser.Read[string](p.Tab, "document.querySelector('#wait-code b').textContent")
			if shown := w.pending(p.phone).Details.Get("Code in the browser"); shown != code {
				t.Errorf("%s: the phone shows the code %s, and the browser %s", flow, shown, code)
			}
			w.approve(p.phone)
			p.Sees("Hello, Ada")

			p.logsOut()
			p.begins(flow)
			w.deny(p.phone)
			p.Sees("It was denied")
			p.Press("#wait-cancel")

			p.begins(flow)
			w.advance(lifetime)
			p.Sees("Nobody answered")
			p.Press("#wait-cancel")
			p.begins(flow)
			w.approve(p.phone)
			p.Sees("Hello, Ada")
		}
	}, sample.ByCallback, sample.ByPoll)
}

// A transfer over the limit is carried out when its owner approves, and not otherwise.
func TestTransferByOne(t *testing.T) {
	t.Parallel()
	inWays(t, func(_ *testing.T, w *world, p *person) {
		p.sends("2,500.00")
		p.Sees("$22,500.00")
		p.Sees("available of $25,000.00")
		w.deny(p.phone)
		p.newest("denied")
		p.sends("2,500.00")
		w.advance(lifetime)
		p.newest("expired")
		p.Until("document.getElementById('available').textContent === '$25,000.00'")
		p.sends("2,500.00")
		w.approve(p.phone)
		p.newest("done")
		p.Hears("$2,500.00 to ACME Incorporated: Carried out.")
		p.Until("document.getElementById('held').textContent === 'available'")
		p.Write("#transfer [name=to]", "Corner shop")
		p.Write("#transfer [name=amount]", "12.50")
		p.Press("#transfer-send")
		p.Until("document.getElementById('available').textContent === '$22,487.50'")
	}, sample.ByCallback, sample.ByPoll)
}

// Above the second limit two of three people approve: any two, in any order. Two denials end it, as does time.
func TestTransferByTwoOfThree(t *testing.T) {
	t.Parallel()
	inWays(t, func(_ *testing.T, w *world, p *person) {
		bob, carol := p.setUp("bob"), p.setUp("carol")
		const approved = "document.querySelector('.transfer .people [data-status=approved]')"

		p.sends("10,000.01")
		w.approve(p.phone)
		p.Until(approved)
		p.newest("waiting")
		w.approve(bob)
		p.newest("done")
		w.deny(carol) // it is too late for that: two have approved

		p.sends("10,000.02")
		w.approve(bob)
		p.Until(approved)
		p.newest("waiting")
		w.approve(p.phone)
		p.newest("done")
		w.approve(carol)

		p.Until("document.getElementById('available').textContent === '$4,999.97'")
	}, sample.ByCallback)
}

// One denial is not the end, two are; who does not answer is no approval.
func TestTwoOfThreeSayNo(t *testing.T) {
	t.Parallel()
	inWays(t, func(_ *testing.T, w *world, p *person) {
		bob, carol := p.setUp("bob"), p.setUp("carol")
		p.sends("12,400.00")
		w.deny(bob)
		p.Until("document.querySelector('.transfer .people [data-status=denied]')")
		p.newest("waiting")
		w.deny(carol)
		p.newest("denied")
		w.approve(p.phone)

		p.sends("12,500.00")
		w.approve(carol)
		p.Until("document.querySelector('.transfer .people [data-status=approved]')")
		w.advance(lifetime)
		p.newest("expired")
		p.Until("document.getElementById('available').textContent === '$25,000.00'")
	}, sample.ByPoll)
}

// What the README tells a newcomer to do, as they do it.
func TestQuickStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.newcomer(browser.Start(t, nil))
	phone := p.setUpPage("ada")
	p.logsOut()
	p.begins("login")
	code := browser.Read[string](p.Tab, "document.querySelector('#wait-code b').textContent")
	phone.Front()
	phone.Sees("Code in the browser\n" + code)
	approve(phone)
	p.Front()
	p.Sees("Hello, Ada")
	p.sends("2500")
	approve(phone)
	p.newest("done")
	bob := p.setUpPage("bob")
	p.sends("12400")
	approve(bob)
	approve(phone)
	p.newest("done")
}

// Who uses the keyboard alone gets everywhere.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.customer(browser.Start(t, nil))
	p.Press("#transfer [name=to]")
	p.Keys("ACME")
	p.Keys(browser.KeyTab)
	p.Keys("2500")
	p.Keys(browser.KeyEnter)
	p.newest("waiting")
	roles := strings.Join(p.Roles(), "\n")
	for _, want := range []string{"heading Hello, Ada", "textbox To", "textbox Amount in dollars", "button Send", "button Cancel",
		"link Open your phone", "button Log out", "button Set up Bob’s phone"} {
		if !strings.Contains(roles, want) {
			t.Errorf("a screen reader is not told of %q:\n%s", want, roles)
		}
	}
	browser.Read[bool](p.Tab, "document.querySelector('.transfer .cancel').focus() ?? true")
	if outline := browser.Read[string](p.Tab, "getComputedStyle(document.activeElement).outlineStyle"); outline != "solid" {
		t.Errorf("the focus is not seen: %s", outline)
	}
	p.Keys(browser.KeyEnter)
	p.newest("cancelled")
}
