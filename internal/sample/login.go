package sample

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// login is an attempt to log in that waits for a phone. It belongs to the browser that began it, and to no other: whoever
// approves it lets in that browser alone, and once.
type login struct {
	id       string
	name     string // as it was typed
	customer *customer
	session  *session
	flow     string
	code     string // shown in the browser and on the phone: a request of somebody else's has another one
	deadline time.Time
	status   approval.Status
	story    []step
}

// The two ways.
const (
	flowTwoFactor    = "two-factor"
	flowPasswordless = "passwordless"
)

type credentials struct {
	Name, Password string
}

func (l *login) digest() string {
	return digestOf([]string{"login", l.id, l.customer.name, l.flow, l.code})
}

func (l *login) answered(_ *Bank, q *question) { l.status = q.status }

func (l *login) note(at time.Time, text string) { l.story = append(l.story, step{at, text}) }

func (l *login) tell(*Bank) { l.session.tell() }

// logIn is the first factor of two. When it is right, the phone is asked.
func (b *Bank) logIn(c *call) (any, error) {
	var typed credentials
	if err := c.read(&typed); err != nil {
		return nil, err
	}
	who, err := b.checkPassword(typed)
	if err != nil {
		return nil, err
	}
	enrolled, err := b.hasPhone(c, who)
	if err != nil {
		return nil, err
	}
	if enrolled {
		return nil, b.beginLogin(c, who.name, who, flowTwoFactor)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return nil, b.renew(c, who) // two factors begin with the first phone
}

// checkPassword takes as long for a customer who does not exist.
func (b *Bank) checkPassword(typed credentials) (*customer, error) {
	name := strings.ToLower(strings.TrimSpace(typed.Name))
	b.mu.Lock()
	tooMany := b.failures.reached(name, b.options.Clock.Now())
	if !tooMany {
		b.failures.add(name, b.options.Clock.Now()) // until it was right: many at once are counted, too
	}
	who, hash := b.customers[name], b.noHash
	if who != nil && who.hash != nil {
		hash = who.hash
	}
	b.mu.Unlock()
	if tooMany {
		return nil, refuse(http.StatusTooManyRequests, "Too many wrong passwords. Try again in %d minutes.",
			int(limitWindow/time.Minute))
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(typed.Password)) != nil || who == nil {
		return nil, refuse(http.StatusUnauthorized, "User name or password is wrong.")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures.clear(name)
	return who, nil
}

// logInWithoutPassword asks the phone at once. Nobody learns from it whether there is such a customer: when there is none,
// or one without a phone, it waits as well, for an answer that never comes.
func (b *Bank) logInWithoutPassword(c *call) (any, error) {
	var typed credentials
	if err := c.read(&typed); err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.TrimSpace(typed.Name))
	if !customerName().MatchString(name) {
		return nil, refuse(http.StatusBadRequest, "Type your user name.")
	}
	b.mu.Lock()
	who := b.customers[name]
	b.mu.Unlock()
	if who != nil {
		enrolled, err := b.hasPhone(c, who)
		if err != nil {
			return nil, err
		}
		if !enrolled {
			who = nil
		}
	}
	return nil, b.beginLogin(c, name, who, flowPasswordless)
}

// beginLogin asks a customer's phone to let this browser in. Another attempt of the same browser is given up.
func (b *Bank) beginLogin(c *call, name string, who *customer, flow string) error {
	b.mu.Lock()
	l, err := b.newLogin(c, name, who, flow)
	b.mu.Unlock()
	if err != nil {
		return err
	}
	if who != nil {
		_, err := b.ask(c, who, l, "Log in to Sample Bank?", details.List{
			{Name: "Code in the browser", Value: l.code}, {Name: "User", Value: who.name},
			{Name: "Login", Value: flow}, {Name: "Browser", Value: browserOf(c.r)},
		})
		if err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if who == nil {
		l.note(b.options.Clock.Now(), askedText(name, madeUpUUID()))
		b.work.Go(func() { b.expireNothing(l) })
	}
	l.session.login = l
	l.tell(b)
	return nil
}

// newLogin is an attempt of a browser, whose session has a new ID from here on: whoever knows the one from before, because it
// was theirs, finds no login there that they could finish.
func (b *Bank) newLogin(c *call, name string, who *customer, flow string) (*login, error) {
	now := b.options.Clock.Now()
	if b.prompts.reached(name, now) {
		return nil, refuse(http.StatusTooManyRequests, "Too many requests to this phone. Try again later.")
	}
	if err := b.renew(c, c.customer()); err != nil {
		return nil, err
	}
	b.prompts.add(name, now)
	id := rand.Text()
	return &login{
		id: id, name: name, customer: who, session: c.session, flow: flow, code: b.codeOf(id), status: approval.Pending,
		deadline: now.Add(b.options.Lifetime),
	}, nil
}

// codeOf is the code of an attempt: two digits are easily compared, and nothing but that is done with them.
func (b *Bank) codeOf(id string) string {
	mac := hmac.New(sha256.New, b.random)
	mac.Write([]byte(id))
	return fmt.Sprintf("%02d", binary.BigEndian.Uint32(mac.Sum(nil))%100)
}

// madeUpUUID is one that no request has.
func madeUpUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// expireNothing lets an attempt for nobody expire as any other does.
func (b *Bank) expireNothing(l *login) {
	late, stop := b.options.Clock.At(l.deadline)
	defer stop()
	select {
	case <-late:
	case <-b.life.Done():
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l.status = approval.Expired
	l.note(b.options.Clock.Now(), fmt.Sprintf("%s: %s for %s.", askedService, approval.Expired, title(l.name)))
	l.tell(b)
}

// finishLogin lets the browser in whose attempt was approved. It is the browser that asks for it, because only an answer to
// it can bring the cookie of the new session.
func (b *Bank) finishLogin(c *call) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := c.session.login
	switch {
	case l == nil:
		return nil, refuse(http.StatusConflict, "No login waits in this browser.")
	case l.status != approval.Approved:
		return nil, refuse(http.StatusForbidden, "This login is not approved.")
	case b.options.Clock.Now().After(l.deadline.Add(b.options.Lifetime)):
		return nil, refuse(http.StatusForbidden, "This login was approved too long ago. Log in again.")
	}
	c.session.login = nil
	return nil, b.renew(c, l.customer)
}

// cancelLogin gives up an attempt: an answer to it lets nobody in any more.
func (b *Bank) cancelLogin(c *call) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.session.login = nil
	c.session.tell()
	return nil, nil
}

func (b *Bank) logOut(c *call) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return nil, b.renew(c, nil)
}

// customer is who is logged in.
func (c *call) customer() *customer { return c.session.customer }

// browserOf is what the browser calls itself, for the phone to show.
func browserOf(r *http.Request) string {
	for _, known := range []struct{ sign, name string }{
		{"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(r.UserAgent(), known.sign) {
			return known.name
		}
	}
	return "unknown"
}
