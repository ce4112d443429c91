package sample_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
)

// What others wrote stays text, on the bank's page and on the phone's.
func TestScriptStaysText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.newcomer(browser.Start(t, nil))
	phone := p.setUpPage("ada")
	const script = `<img src=x onerror="document.title='run'"><script>1</script>`
	p.Write("#transfer [name=to]", script)
	p.Write("#transfer [name=amount]", "2500")
	p.Write("#transfer [name=memo]", script)
	p.Press("#transfer-send")
	p.newest("waiting")
	p.Sees(script)
	phone.Front()
	phone.Sees(script)
	for name, tab := range map[string]*browser.Tab{"bank": p.Tab, "phone": phone} {
		if browser.Read[bool](tab, "document.title === 'run' || Boolean(document.querySelector('main img[src=x]'))") {
			t.Errorf("the %s's page has run it", name)
		}
	}
	approve(phone)
	p.newest("done")
	p.Press(".transfer summary")
	p.Sees("The bank carried it out: $2,500.00 to " + script)
}

// What was begun in one tab ends in all, and a tab that is closed holds nothing up.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.customer(browser.Start(t, nil))
	second := p.b.Open(w.url + "/")
	second.Sees("Hello, Ada")
	p.sends("2500")
	second.Front()
	second.Until("document.querySelector('.transfer')?.dataset.state === 'waiting'")
	w.approve(p.phone)
	second.Front()
	second.Until("document.querySelector('.transfer')?.dataset.state === 'done'")
	p.newest("done")

	p.logsOut()
	second.Until("document.body.dataset.screen === 'door'")
	p.begins("login")
	second.Front()
	second.Sees("Check your phone")
	w.approve(p.phone)
	second.Front()
	second.Sees("Hello, Ada")
	p.Front()
	p.Sees("Hello, Ada")
	p.sends("3500") // its token is the new session's
}

// The callback comes after the page was closed: the transfer is carried out, and the login waits for the browser.
func TestClosedPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.customer(browser.Start(t, nil))
	p.sends("2500")
	p.Close()
	w.approve(p.phone)
	<-w.calledBack
	p.Tab = p.b.Open(w.url + "/")
	p.newest("done")
	p.logsOut()
	p.begins("login")
	p.Close()
	w.approve(p.phone)
	<-w.calledBack
	p.Tab = p.b.Open(w.url + "/")
	p.Sees("Hello, Ada")
}

// After a logout the back button shows nothing, and after a transfer it sends nothing.
func TestBackButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.customer(browser.Start(t, nil))
	p.sends("2500")
	p.Go(w.url + "/icon.svg")
	browser.Read[bool](p.Tab, "Boolean(setTimeout(() => history.back()))")
	p.newest("waiting")
	p.Until("document.querySelectorAll('.transfer').length === 1")
	w.approve(p.phone)
	p.newest("done")
	p.logsOut()
	p.Go(w.url + "/icon.svg")
	browser.Read[bool](p.Tab, "Boolean(setTimeout(() => history.back()))")
	p.Until("document.body?.dataset.screen === 'door'")
	p.SeesNot("$22,500.00")
	p.begins("login")
	browser.Read[bool](p.Tab, "Boolean(setTimeout(() => history.back()))")
	w.approve(p.phone)
	p.Front()
	p.Sees("Hello, Ada")
}
