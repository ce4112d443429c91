package sample

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// order is what a customer wants done. It never changes: another amount is another order, and another question.
type order struct {
	To     string `json:"to"`
	Amount int64  `json:"amount"` // in cents
	Memo   string `json:"memo"`
}

// transfer is an order and what became of it.
type transfer struct {
	id    string
	key   string // of the form it was typed in: the same form sent twice is one transfer
	owner *customer
	order order

	state     state
	questions []*question
	needed    int // of their approvals
	deadline  time.Time
	story     []step
}

// state says where a transfer stands. It leaves waiting once.
type state string

const (
	waiting  state = "waiting"
	done     state = "done"
	denied   state = "denied"
	expired  state = "expired"
	replaced state = "replaced" // by a changed one
	canceled state = "cancelled"
	failed   state = "failed" // nobody could be asked
)

// step is one line of what happened.
type step struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// typedTransfer is a form.
type typedTransfer struct {
	Key, To, Amount, Memo string
}

// amountForm has nine digits before the point at the most: in cents, that is far from where a number begins anew.
var amountForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$?(\d{1,3}(?:,\d{3}){1,2}|\d{1,9})(?:\.(\d{2}))?$`)
})

const (
	longestTo   = 60
	longestMemo = 120
	longestKey  = 64

	mostTransfers = 500
)

// read checks a form.
func (f typedTransfer) read() (order, error) {
	o := order{To: strings.TrimSpace(f.To), Memo: strings.TrimSpace(f.Memo)}
	parts := amountForm().FindStringSubmatch(strings.TrimSpace(f.Amount))
	switch {
	case o.To == "" || utf8.RuneCountInString(o.To) > longestTo:
		return o, refuse(http.StatusBadRequest, "Say whom to pay, in at most %d characters.", longestTo)
	case utf8.RuneCountInString(o.Memo) > longestMemo:
		return o, refuse(http.StatusBadRequest, "A note has at most %d characters.", longestMemo)
	case f.Key == "" || len(f.Key) > longestKey:
		return o, refuse(http.StatusBadRequest, "The form has no key.")
	case parts == nil:
		return o, refuse(http.StatusBadRequest, "That is no amount, such as 1,250.00.")
	}
	whole, _ := strconv.ParseInt(strings.ReplaceAll(parts[1], ",", ""), 10, 64) // digits, and not too many
	cents, _ := strconv.ParseInt(parts[2], 10, 64)                              // "" is none
	const perDollar = 100
	o.Amount = whole*perDollar + cents
	if o.Amount <= 0 {
		return o, refuse(http.StatusBadRequest, "Send more than nothing.")
	}
	return o, nil
}

func (t *transfer) digest() string { return digestOf([]any{"transfer", t.id, t.owner.name, t.order}) }

func (t *transfer) note(at time.Time, text string) { t.story = append(t.story, step{at, text}) }

func (t *transfer) tell(b *Bank) { b.tellCustomer(t.owner) }

// transfer is POST /transfers.
func (b *Bank) transfer(c *call) (any, error) { return b.take(c, b.newTransfer) }

// changeTransfer is for whoever has mistyped: the transfer that waits is ended, whoever has approved it, and the changed one
// asks anew.
func (b *Bank) changeTransfer(c *call) (any, error) {
	return b.take(c, func(owner *customer, key string, o order) (*transfer, bool, error) {
		return b.replace(owner, c.r.PathValue("id"), key, o)
	})
}

// take reads a form, keeps its order, and starts it unless it is the form of one that was there before.
func (b *Bank) take(c *call, keep func(*customer, string, order) (t *transfer, fresh bool, err error)) (any, error) {
	var typed typedTransfer
	if err := c.read(&typed); err != nil {
		return nil, err
	}
	o, err := typed.read()
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	t, fresh, err := keep(c.customer(), typed.Key, o)
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if fresh {
		b.start(c, t)
	}
	return map[string]string{"id": t.id}, nil
}

// newTransfer keeps an order. The same form once more, by a double click or after the back button, is the transfer that it
// was the first time.
func (b *Bank) newTransfer(owner *customer, key string, o order) (t *transfer, fresh bool, err error) {
	for _, former := range owner.transfers {
		if former.key != key {
			continue
		}
		if former.order != o {
			return nil, false, refuse(http.StatusConflict, "This form was sent already, with something else in it.")
		}
		return former, false, nil
	}
	if len(owner.transfers) >= mostTransfers {
		return nil, false, refuse(http.StatusConflict, "This sample keeps no more than %d transfers: start it anew.", mostTransfers)
	}
	if o.Amount > owner.available() {
		return nil, false, refuse(http.StatusConflict, "There is not enough money in the account.")
	}
	t = &transfer{
		id: rand.Text(), key: key, owner: owner, order: o, state: waiting,
		deadline: b.options.Clock.Now().Add(b.options.Lifetime),
	}
	owner.transfers = append(owner.transfers, t)
	return t, true, nil
}

// available is what no transfer waits for.
func (c *customer) available() int64 {
	left := c.balance
	for _, t := range c.transfers {
		if t.state == waiting {
			left -= t.order.Amount
		}
	}
	return left
}

// start carries a small transfer out, and asks about the others: the owner or, above the second limit, all three holders of
// the joint account, of whom two have to approve.
func (b *Bank) start(ctx context.Context, t *transfer) {
	b.mu.Lock()
	asked := b.approversOf(t)
	t.needed = len(asked)/2 + 1 // one of one, two of three
	if len(asked) == 0 {
		b.carryOut(t)
	}
	b.tellCustomer(t.owner)
	b.mu.Unlock()
	ctx = context.WithoutCancel(ctx) // a page that is closed meanwhile must not leave it half asked
	for _, one := range asked {
		q, err := b.ask(ctx, one, t, fmt.Sprintf("Send %s to %s?", dollars(t.order.Amount), t.order.To), t.rows())
		b.mu.Lock()
		if err != nil {
			b.log.Warn("a transfer could not be asked about", "error", err)
			b.finish(t, failed, "The bank could not ask "+title(one.name)+".")
		} else {
			t.questions = append(t.questions, q)
			b.decide(t) // somebody may have been faster
		}
		b.tellCustomer(t.owner)
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (b *Bank) approversOf(t *transfer) []*customer {
	switch {
	case t.order.Amount <= b.options.Limit:
		return nil
	case t.order.Amount <= b.options.JointLimit:
		return []*customer{t.owner}
	}
	all := []*customer{t.owner}
	for _, holder := range holders() {
		if other := b.customers[holder.Name]; other != t.owner {
			all = append(all, other)
		}
	}
	return all
}

// rows are what the phone shows.
func (t *transfer) rows() details.List {
	rows := details.List{{Name: "Amount", Value: dollars(t.order.Amount)}, {Name: "To", Value: t.order.To},
		{Name: "From", Value: "Account of " + title(t.owner.name)}}
	if t.order.Memo != "" {
		rows.Set("Note", t.order.Memo)
	}
	return rows
}

// answered takes the answer to one of the questions.
func (t *transfer) answered(b *Bank, _ *question) { b.decide(t) }

// decide looks whether it is decided: carried out as soon as enough have approved, ended as soon as not enough can.
func (b *Bank) decide(t *transfer) {
	var yes, no, late int
	for _, q := range t.questions {
		switch q.status {
		case approval.Approved:
			yes++
		case approval.Denied:
			no++
		case approval.Expired:
			late++
		}
	}
	all := len(b.approversOf(t))
	switch {
	case t.state != waiting:
	case yes >= t.needed:
		b.carryOut(t)
	case no > all-t.needed:
		b.finish(t, denied, "It was denied. No money has moved.")
	case no+late > all-t.needed:
		b.finish(t, expired, "Not enough answers came in time. No money has moved.")
	}
}

// carryOut moves the money: once, whatever comes twice.
func (b *Bank) carryOut(t *transfer) {
	if t.state != waiting {
		return
	}
	t.owner.balance -= t.order.Amount
	b.finish(t, done, fmt.Sprintf("The bank carried it out: %s to %s.", dollars(t.order.Amount), t.order.To))
}

func (b *Bank) finish(t *transfer, s state, text string) {
	if t.state != waiting {
		return
	}
	t.state = s
	t.note(b.options.Clock.Now(), text)
}

func (b *Bank) replace(owner *customer, id, key string, o order) (*transfer, bool, error) {
	former, err := owner.waitingTransfer(id)
	if err != nil {
		return nil, false, err
	}
	former.state = replaced // its money is there for the new one
	t, fresh, err := b.newTransfer(owner, key, o)
	if err != nil {
		former.state = waiting
		return nil, false, err
	}
	former.note(b.options.Clock.Now(), "It was changed: approvals of this one count no more.")
	return t, fresh, nil
}

func (b *Bank) cancelTransfer(c *call) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, err := c.customer().waitingTransfer(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	b.finish(t, canceled, "It was cancelled. No money has moved.")
	b.tellCustomer(t.owner)
	return nil, nil
}

var errNotWaiting = refuse(http.StatusConflict, "This transfer does not wait any more.")

// waitingTransfer finds one of the customer's own.
func (c *customer) waitingTransfer(id string) (*transfer, error) {
	for _, t := range c.transfers {
		if t.id == id && t.state == waiting {
			return t, nil
		}
		if t.id == id {
			return nil, errNotWaiting
		}
	}
	return nil, refuse(http.StatusNotFound, "There is no such transfer.")
}

// dollars is an amount for people: $12,400.00.
func dollars(cents int64) string {
	const perDollar, group = 100, 3
	whole := strconv.FormatInt(cents/perDollar, 10)
	for at := len(whole) - group; at > 0; at -= group {
		whole = whole[:at] + "," + whole[at:]
	}
	return fmt.Sprintf("$%s.%02d", whole, cents%perDollar)
}
