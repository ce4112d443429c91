package fault

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// deliveries is what was decided about pushes and callbacks.
type deliveries struct {
	decided map[int64]decision // by number, those that there was a rule for
	order   []int64            // of deciding
	pairs   map[string]*pair   // by application: callbacks that are to change their order
}

// decision is what becomes of one delivery.
type decision struct {
	mishap Mishap // "" lets it pass
	what   string
}

// mostDecided bounds what is remembered.
const mostDecided = 10_000

// pair is two callbacks of an application of which the later one is to come first.
type pair struct {
	earlier        int64 // it waits
	earlierRequest string
	until          time.Time // no longer than this
	later          int64     // 0: has not come yet
}

// Before implements [delivery.Mishaps], and decides about the pushes of event streams. A decision stays: what was lost is lost on
// every stream.
func (f *Faults) Before(d onetouch.Delivery, now time.Time) delivery.Mishap {
	if f == nil || d.Kind != onetouch.DeliveryPush && d.Kind != onetouch.DeliveryCallback {
		return delivery.Mishap{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, is := f.decided[d.ID]; is {
		return f.again(d, known)
	}
	if mishap, paired := f.paired(d); paired {
		return mishap
	}
	if len(f.rules) == 0 {
		return delivery.Mishap{}
	}
	struck, is := f.strike(func(rule *active) bool { return rule.mishapOf(d.Kind) != "" })
	if !is {
		f.decide(d.ID, decision{})
		return delivery.Mishap{}
	}
	known := decision{struck.mishapOf(d.Kind), struck.what()}
	f.decide(d.ID, known)
	f.Traffic.Struck(apiOf(d.Kind), d, known.what)
	switch known.mishap {
	case Late:
		return delivery.Mishap{Until: now.Add(struck.Delay)}
	case Reordered:
		until := now.Add(struck.Delay)
		f.setPair(d.AppID, &pair{earlier: d.ID, earlierRequest: d.RequestUUID, until: until})
		return delivery.Mishap{Until: until}
	default:
		return known.mishapAgain()
	}
}

func (r Rule) mishapOf(kind onetouch.DeliveryKind) Mishap {
	if kind == onetouch.DeliveryPush {
		return r.Push
	}
	return r.Callback
}

func apiOf(kind onetouch.DeliveryKind) traffic.API {
	if kind == onetouch.DeliveryPush {
		return traffic.Pushes
	}
	return traffic.Callbacks
}

// mishapAgain is what becomes of a delivery at each try. One that is late was so once.
func (d decision) mishapAgain() delivery.Mishap {
	switch d.mishap {
	case Lost:
		return delivery.Mishap{Lost: "lost on purpose, " + d.what}
	case Doubled:
		return delivery.Mishap{Doubled: true}
	default:
		return delivery.Mishap{}
	}
}

// again is what becomes of a delivery that was decided about. When the earlier of a pair comes again its wait is over.
func (f *Faults) again(d onetouch.Delivery, known decision) delivery.Mishap {
	if p := f.pairs[d.AppID]; p != nil && p.earlier == d.ID {
		delete(f.pairs, d.AppID)
	}
	return known.mishapAgain()
}

// paired makes a callback the second of a pair that waits for one. It may be the one that was owed first: several are begun
// at once.
func (f *Faults) paired(d onetouch.Delivery) (delivery.Mishap, bool) {
	p := f.pairs[d.AppID]
	if d.Kind != onetouch.DeliveryCallback || p == nil || p.later != 0 || d.RequestUUID == p.earlierRequest {
		return delivery.Mishap{}, false
	}
	f.decide(d.ID, decision{})
	if d.ID > p.earlier {
		p.later = d.ID
		return delivery.Mishap{}, true
	}
	p.earlier, p.earlierRequest, p.later = d.ID, d.RequestUUID, p.earlier
	return delivery.Mishap{Until: p.until, Release: p.later}, true
}

func (f *Faults) setPair(app string, p *pair) {
	if f.pairs == nil {
		f.pairs = map[string]*pair{}
	}
	f.pairs[app] = p
}

func (f *Faults) decide(id int64, d decision) {
	if f.decided == nil {
		f.decided = map[int64]decision{}
	}
	if len(f.order) >= mostDecided {
		delete(f.decided, f.order[0])
		f.order = f.order[1:]
	}
	f.decided[id] = d
	f.order = append(f.order, id)
}

// After implements [delivery.Mishaps]: what waited for the end of a delivery need not any more.
func (f *Faults) After(d onetouch.Delivery) (release int64) {
	if f == nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.pairs[d.AppID]; p != nil && p.later == d.ID {
		return p.earlier
	}
	return 0
}

// Of says what a fault did to a delivery; "" when none struck.
func (f *Faults) Of(deliveryID int64) string {
	if f == nil {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.decided[deliveryID].what
}
