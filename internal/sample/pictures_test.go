package sample_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
)

// TestPictures keeps what people see (see [browser.Tab.Picture]), and checks that nothing is wider than the window.
func TestPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browser.Start(t, nil)
	door := b.Open(w.url + "/")
	door.Sees("The key to your money")
	eachLook(t, door, "signup")
	door.Press("#tab-login")
	eachLook(t, door, "login")
	door.Close()
	p := w.customer(b)
	eachLook(t, p.Tab, "home-empty")
	bob := p.setUp("bob")
	p.sends("2,500.00")
	w.deny(p.phone)
	p.newest("denied")
	p.sends("12,400.00")
	w.approve(bob)
	p.Front()
	p.Until("document.querySelector('.people [data-status=approved]')")
	p.Press(".transfer summary")
	eachLook(t, p.Tab, "home")
	w.approve(p.phone)
	p.newest("done")
	p.logsOut()
	p.begins("passwordless")
	eachLook(t, p.Tab, "wait")
	w.deny(p.phone)
	p.Front()
	p.Sees("It was denied")
	eachLook(t, p.Tab, "denied")
}

// eachLook takes the pictures of a screen on a phone and on a desk, by day and by night.
func eachLook(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	for look, size := range map[string][2]int64{"phone": {390, 844}, "desktop": {1440, 900}} {
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
