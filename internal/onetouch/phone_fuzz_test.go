package onetouch_test

import (
	"regexp"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
)

// FuzzPhoneNumber adds users by whatever a backend may write. A number that is taken is one that can be dialled, and the
// inbox finds it.
func FuzzPhoneNumber(f *testing.F) {
	db, err := store.Open(f.Context(), ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	s := onetouch.NewService(db, onetouch.Options{})
	app, err := s.EnsureApplication(f.Context(), onetouch.ApplicationSettings{})
	if err != nil {
		f.Fatal(err)
	}
	for country, number := range map[string]string{
		"": "305-456-2345", "1": "(202) 555-0158", "+44": "20 7946 0958", "999": "123456", "0": "1", "57": "abc-1234", "\xff": "١٢٣٤٥٦٧",
	} {
		f.Add(country, number)
	}
	dialled := regexp.MustCompile(`^\+[1-9]\d{6,14}$`)
	f.Fuzz(func(t *testing.T, country, number string) {
		n := onetouch.NewUser{Email: "ada@example.com", Cellphone: number, CountryCode: country}
		user, err := s.AddUser(t.Context(), app.ID, n)
		if code := onetouch.CodeOf(err); code != "" && code != onetouch.CodeUserNotValid {
			t.Fatalf("country %q, number %q: %v", country, number, err)
		}
		if err != nil {
			return
		}
		kept := user.PhoneNumber().String()
		if !dialled.MatchString(kept) {
			t.Errorf("country %q, number %q is kept as %s", country, number, kept)
		}
		if _, err := s.SendToken(t.Context(), app, user.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelSMS}); err != nil &&
			onetouch.CodeOf(err) != onetouch.CodeTooManyTokens {
			t.Fatal(err)
		}
		found, err := s.Messages(t.Context(), onetouch.MessageFilter{To: kept, Limit: 1})
		if err != nil || len(found) != 1 || found[0].AuthyID != user.AuthyID {
			t.Errorf("the inbox finds %v, %v for %s", found, err, kept)
		}
		_, err = s.Messages(t.Context(), onetouch.MessageFilter{To: number})
		if code := onetouch.CodeOf(err); code != "" && code != onetouch.CodeInvalidParameter {
			t.Errorf("the inbox fails for %q: %v", number, err)
		}
	})
}
