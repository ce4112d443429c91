package sample

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/onetouchkit/onetouch/pkg/authy"
)

// customer is somebody with an account.
type customer struct {
	name      string
	hash      []byte // of the password; nil: cannot log in with one
	authyID   int64  // at the service, from the moment they are a customer
	enrolled  bool   // has, or had, a phone that answers: a password alone is not enough any more
	balance   int64  // in cents
	transfers []*transfer
}

// opening is what everybody finds in their account.
const opening = 25_000_00

// newCustomer is what somebody says who signs up.
type newCustomer struct {
	Name, Email, Phone, Password string
}

// holders share a joint account with everybody who signs up. Nobody can log in as one of them with a password.
func holders() []newCustomer {
	return []newCustomer{
		{Name: "bob", Email: "bob@example.com", Phone: "202-555-0110"},
		{Name: "carol", Email: "carol@example.com", Phone: "202-555-0111"},
	}
}

// title is a customer's name for people.
func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func isHolder(name string) bool {
	return slices.ContainsFunc(holders(), func(h newCustomer) bool { return h.Name == name })
}

// customerName is one that can be part of a host name, as the simulated phones want it.
var customerName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{0,18}[a-z0-9]$`) })

const (
	shortestPassword = 8
	longestPassword  = 72 // bytes: bcrypt would not look at more
)

func (n *newCustomer) check() error {
	n.Name, n.Email, n.Phone = strings.ToLower(strings.TrimSpace(n.Name)), strings.TrimSpace(n.Email), strings.TrimSpace(n.Phone)
	switch {
	case !customerName().MatchString(n.Name):
		return refuse(http.StatusBadRequest, "A user name has 2 to 20 letters a to z, digits and hyphens, such as ada.")
	case len(n.Password) < shortestPassword:
		return refuse(http.StatusBadRequest, "A password has at least %d characters.", shortestPassword)
	case len(n.Password) > longestPassword:
		return refuse(http.StatusBadRequest, "A password has at most %d bytes.", longestPassword)
	}
	return nil
}

// signUp makes somebody a customer, who is logged in then.
func (b *Bank) signUp(c *call) (any, error) {
	var n newCustomer
	if err := c.read(&n); err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	taken, many := b.customers[n.Name] != nil, b.entries.reached("", b.options.Clock.Now())
	if !taken && !many {
		b.entries.add("", b.options.Clock.Now())
	}
	b.mu.Unlock()
	switch {
	case taken:
		return nil, refuse(http.StatusConflict, "The user name %s is taken.", n.Name)
	case many:
		return nil, refuse(http.StatusTooManyRequests, "Too many people sign up. Try again later.")
	}
	added, err := b.enrol(c, n)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return nil, b.renew(c, added)
}

// enrol adds a customer, here and at the service.
func (b *Bank) enrol(ctx context.Context, n newCustomer) (*customer, error) {
	added := &customer{name: n.Name, balance: opening}
	var err error
	if n.Password != "" {
		if added.hash, err = bcrypt.GenerateFromPassword([]byte(n.Password), b.options.PasswordCost); err != nil {
			return nil, fmt.Errorf("hashing the password: %w", err)
		}
	}
	added.authyID, err = b.options.Authy.CreateUser(ctx, authy.NewUser{Email: n.Email, Cellphone: n.Phone, CountryCode: "1"})
	switch {
	case errors.Is(err, authy.ErrUserNotValid):
		return nil, refuse(http.StatusBadRequest, "The e-mail address or the phone number is wrong. Fictional ones will do: "+
			"%s@example.com, 202-555-0158.", n.Name)
	case err != nil:
		return nil, fmt.Errorf("adding the user: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// The service gives one Authy ID to one phone number. Two customers with the same one could answer for each other.
	for _, other := range b.customers {
		if other.name == added.name || other.authyID == added.authyID {
			return nil, refuse(http.StatusConflict, "The user name or the phone number is another customer's already.")
		}
	}
	b.customers[added.name] = added
	return added, nil
}

// hasPhone asks the service whether a customer has a phone that can answer. Once there was one it is never no again: who
// loses their phone must not be easier to rob.
func (b *Bank) hasPhone(ctx context.Context, c *customer) (bool, error) {
	b.mu.Lock()
	known, authyID := c.enrolled, c.authyID
	b.mu.Unlock()
	if known {
		return true, nil
	}
	status, err := b.options.Authy.UserStatus(ctx, authyID)
	if err != nil {
		return false, fmt.Errorf("asking for the devices of user %d: %w", authyID, err)
	}
	if len(status.DetailedDevices) == 0 {
		return false, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c.enrolled = true
	b.tellAll() // it is shown as one of the holders to others
	return true, nil
}
