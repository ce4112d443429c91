package sample

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// Answers says how the bank learns what somebody has answered.
type Answers string

// The ways. With both, whichever comes first counts, and the other changes nothing.
const (
	ByCallback Answers = "callback" // the service calls back; of requests that expire it tells nothing, so these are asked for
	ByPoll     Answers = "poll"     // the bank asks again and again
	ByBoth     Answers = "both"
)

// Clock is the time that the bank lives in.
type Clock interface {
	Now() time.Time
	// At returns a channel that is closed when the clock shows t or later, and a function that gives up waiting.
	At(t time.Time) (reached <-chan struct{}, stop func())
}

// Options say how a bank is set up. Authy, APIKey, URL and Clock are needed.
type Options struct {
	Authy  *authy.Client
	APIKey string // the same as the client's: callbacks are signed with it. It never leaves this process
	// URL is where browsers and the service find the bank, without a slash at its end.
	URL     string
	Answers Answers // "" is ByCallback
	// Limit is how much money, in cents, leaves without anybody's approval; above JointLimit two of three people approve.
	Limit, JointLimit int64
	Lifetime          time.Duration // of an approval request, in whole seconds
	PollInterval      time.Duration
	// PhoneLink is where a simulated phone is opened, beside the bank: with a registration token it becomes the customer's.
	PhoneLink    func(customer, registrationToken string) string
	Clock        Clock
	PasswordCost int // of bcrypt; 0 is its default
	Logger       *slog.Logger
}

// CallbackPath is where the service calls back.
const CallbackPath = "/callback"

// Bank is the backend. It must be closed.
type Bank struct {
	options  Options
	log      *slog.Logger
	verifier *callback.Verifier
	hosts    map[string]bool // under which the bank is asked
	cookie   string          // its name, which has the port: browsers have one cookie of a name for all ports of a host
	random   []byte          // keys what is made up for customers who do not exist
	noHash   []byte          // of a password that nobody has

	life context.Context // ends with Close
	end  context.CancelFunc
	work sync.WaitGroup

	mu        sync.Mutex // everything below: a bank has transactions in its place
	customers map[string]*customer
	sessions  map[string]*session
	ended     map[string]time.Time // when a session ended, by its ID
	questions map[string]*question // by the bank's own reference
	failures  *limiter             // of passwords
	prompts   *limiter             // of logins on somebody's phone
	entries   *limiter             // of sign-ups
}

// Defaults of Options.
const (
	DefaultLimit        = 1_000_00
	DefaultJointLimit   = 10_000_00
	DefaultLifetime     = 2 * time.Minute
	DefaultPollInterval = time.Second
)

// Open opens the bank, with the two other holders of the joint account as its first customers.
func Open(ctx context.Context, o Options) (*Bank, error) {
	o = o.complete()
	base, err := url.Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("the URL of the bank: %w", err)
	}
	b := &Bank{
		options: o, log: o.Logger, random: []byte(rand.Text()), hosts: hostsOf(base),
		cookie: "sample-bank-" + base.Port(),
		verifier: &callback.Verifier{
			APIKey: o.APIKey, URL: o.URL + CallbackPath, Now: o.Clock.Now, Logger: o.Logger,
		},
		customers: map[string]*customer{}, sessions: map[string]*session{},
		ended: map[string]time.Time{}, questions: map[string]*question{},
		failures: newLimiter(mostFailures, limitWindow), prompts: newLimiter(mostPrompts, limitWindow),
		entries: newLimiter(mostEntries, limitWindow),
	}
	if b.noHash, err = bcrypt.GenerateFromPassword([]byte(rand.Text()), o.PasswordCost); err != nil {
		return nil, fmt.Errorf("hashing a password: %w", err)
	}
	b.life, b.end = context.WithCancel(context.WithoutCancel(ctx))
	for _, holder := range holders() {
		if _, err := b.enrol(ctx, holder); err != nil {
			b.Close()
			return nil, fmt.Errorf("adding the customer %s: %w", holder.Name, err)
		}
	}
	return b, nil
}

func (o Options) complete() Options {
	if o.Answers == "" {
		o.Answers = ByCallback
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	if o.JointLimit == 0 {
		o.JointLimit = max(DefaultJointLimit, o.Limit)
	}
	if o.Lifetime == 0 {
		o.Lifetime = DefaultLifetime
	}
	if o.PollInterval == 0 {
		o.PollInterval = DefaultPollInterval
	}
	if o.PasswordCost == 0 {
		o.PasswordCost = bcrypt.DefaultCost
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Close ends what the bank does beside its answers. Streams to pages end, too.
func (b *Bank) Close() {
	b.end()
	b.work.Wait()
}

// Handler answers the bank's page, its calls and the callbacks of the service.
func (b *Bank) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range b.routes() {
		mux.Handle(r.Method+" "+r.Path, b.guard(r))
	}
	return b.frame(mux)
}

// refusal is an error that the customer is told, with its HTTP status.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

// asRefusal is what a customer is told of an error. What went wrong inside is for the log alone.
func (b *Bank) asRefusal(ctx context.Context, err error) *refusal {
	var told *refusal
	if errors.As(err, &told) {
		return told
	}
	b.log.WarnContext(ctx, "a call failed", "error", err)
	return &refusal{status: http.StatusServiceUnavailable, text: "That did not work. Nothing has changed; try again in a moment."}
}
