package sample

import (
	"net/http"
	"slices"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
)

// view is all that a page shows. It has nothing in it that a browser must not know.
type view struct {
	CSRF       string        `json:"csrf"`
	Now        time.Time     `json:"now"`
	Answers    Answers       `json:"answers"`
	Limit      string        `json:"limit"`
	JointLimit string        `json:"joint_limit"`
	Login      *loginView    `json:"login"`
	Customer   *customerView `json:"customer"`
}

type loginView struct {
	Flow      string          `json:"flow"`
	Name      string          `json:"name"`
	Code      string          `json:"code"`
	Status    approval.Status `json:"status"`
	ExpiresAt time.Time       `json:"expires_at"`
	Phone     string          `json:"phone"` // opens it, when it is one that was set up in this browser
	Story     []step          `json:"story"`
}

type customerView struct {
	Name      string         `json:"name"`
	Balance   string         `json:"balance"`
	Available string         `json:"available"`
	Phones    []phoneView    `json:"phones"` // the customer's own first, then those of the other holders
	Transfers []transferView `json:"transfers"`
}

type phoneView struct {
	Name string `json:"name"`
	Own  bool   `json:"own"`
	// Link opens it; it becomes one with a registration.
	Link string `json:"link"`
	Has  bool   `json:"has"`
}

type transferView struct {
	ID        string       `json:"id"`
	To        string       `json:"to"`
	Amount    string       `json:"amount"`
	Memo      string       `json:"memo"`
	State     state        `json:"state"`
	Needed    int          `json:"needed"`
	Answers   []answerView `json:"answers"`
	ExpiresAt time.Time    `json:"expires_at"`
	Story     []step       `json:"story"`
}

type answerView struct {
	Name   string          `json:"name"`
	Status approval.Status `json:"status"`
}

// lookAround is GET /session.
func (b *Bank) lookAround(c *call) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sessionOf(c.r)
	if s == nil && b.justRenewed(c.r) {
		return nil, refuse(http.StatusConflict, "This session has just become another one: look again.")
	}
	if s == nil {
		s = b.newSession(c.w, nil, nil)
	}
	v := view{
		CSRF: s.csrf, Now: b.options.Clock.Now(), Answers: b.options.Answers, Limit: dollars(b.options.Limit),
		JointLimit: dollars(b.options.JointLimit),
	}
	if l := s.login; l != nil {
		v.Login = &loginView{
			Flow: l.flow, Name: l.name, Code: l.code, Status: l.status, ExpiresAt: l.deadline, Story: slices.Clone(l.story),
			Phone: b.options.PhoneLink(l.name, ""),
		}
	}
	if s.customer != nil {
		v.Customer = b.viewOf(s.customer)
	}
	return v, nil
}

func (b *Bank) viewOf(c *customer) *customerView {
	v := &customerView{
		Name: c.name, Balance: dollars(c.balance), Available: dollars(c.available()), Transfers: []transferView{},
		Phones: []phoneView{{Name: c.name, Own: true, Link: b.options.PhoneLink(c.name, ""), Has: c.enrolled}},
	}
	for _, holder := range holders() {
		v.Phones = append(v.Phones, phoneView{
			Name: holder.Name, Link: b.options.PhoneLink(holder.Name, ""), Has: b.customers[holder.Name].enrolled,
		})
	}
	for _, t := range slices.Backward(c.transfers) { // the newest first
		shown := transferView{
			ID: t.id, To: t.order.To, Amount: dollars(t.order.Amount), Memo: t.order.Memo, State: t.state, Needed: t.needed,
			ExpiresAt: t.deadline, Answers: []answerView{}, Story: slices.Clone(t.story),
		}
		for _, q := range t.questions {
			shown.Answers = append(shown.Answers, answerView{Name: q.asks.name, Status: q.status})
		}
		v.Transfers = append(v.Transfers, shown)
	}
	return v
}
