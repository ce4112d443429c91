package onetouchtest

import (
	"context"
	"fmt"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// User is a user of the application.
type User struct {
	AuthyID     int64
	Identity    string // in the Verify API, where the user is an entity
	Email       string
	CountryCode string // digits
	Cellphone   string // digits, without the country code

	server   *Server
	lastCode int64 // message; belongs to the goroutine of the test
}

// NewUser adds a user to the application, with an e-mail address and a phone number that no other user of the server has.
func (s *Server) NewUser() *User {
	s.t.Helper()
	const first = 2_025_550_100 // numbers of the NANP that are set aside for fiction, and those after them
	number := s.users.Add(1)
	added, err := s.service().AddUser(s.life, s.app.ID, onetouch.NewUser{
		Email: fmt.Sprintf("user%d@example.com", number), CountryCode: "1", Cellphone: strconv.FormatInt(first+number, 10),
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: adding a user: %v", err)
	}
	return s.user(added)
}

// User returns the user with an Authy ID: one that your backend has added.
func (s *Server) User(authyID int64) *User {
	s.t.Helper()
	found, err := s.service().UserOf(s.life, s.app.ID, authyID)
	if err != nil || found.Removed() {
		s.t.Fatalf("onetouchtest: the application has no user with Authy ID %d", authyID)
	}
	return s.user(found)
}

func (s *Server) user(u onetouch.User) *User {
	return &User{
		AuthyID: u.AuthyID, Identity: u.Identity, Email: u.Email, CountryCode: strconv.Itoa(u.CountryCode),
		Cellphone: u.Cellphone, server: s,
	}
}

// NextCode waits for a code that was sent to the user by text, call or e-mail, and returns it: each once, in the order in
// which they were sent.
func (u *User) NextCode() string {
	s := u.server
	s.t.Helper()
	message, err := s.nextCode(onetouch.MessageFilter{AuthyID: u.AuthyID, After: u.lastCode})
	if err != nil {
		s.t.Fatalf("onetouchtest: waiting for a code that is sent to user %d: %v", u.AuthyID, err)
	}
	u.lastCode = message.ID
	return message.Code
}

// LastCode waits until a code was sent to a phone number, such as +12025550158, or an e-mail address, and returns the newest:
// that of a phone verification, for example, whose number need not be a user's.
func (s *Server) LastCode(to string) string {
	s.t.Helper()
	var newest onetouch.Message
	err := s.wait(func(ctx context.Context) (bool, error) {
		codes, err := s.codes(ctx, onetouch.MessageFilter{To: to})
		if len(codes) > 0 {
			newest = codes[0]
		}
		return len(codes) > 0, err
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: waiting for a code that is sent to %q: %v", to, err)
	}
	return newest.Code
}

func (s *Server) nextCode(f onetouch.MessageFilter) (next onetouch.Message, err error) {
	err = s.wait(func(ctx context.Context) (bool, error) {
		codes, err := s.codes(ctx, f)
		if len(codes) > 0 {
			next = codes[len(codes)-1]
		}
		return len(codes) > 0, err
	})
	return next, err
}

// codes are the messages with a code, newest first.
func (s *Server) codes(ctx context.Context, f onetouch.MessageFilter) (codes []onetouch.Message, err error) {
	f.AppID = s.app.ID
	messages, err := s.service().Messages(ctx, f)
	for _, message := range messages {
		if message.Code != "" {
			codes = append(codes, message)
		}
	}
	return codes, err
}
