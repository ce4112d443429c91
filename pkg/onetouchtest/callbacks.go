package onetouchtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// SetCallback has callbacks sent to a URL from now on; "" sends none.
func (s *Server) SetCallback(url string) {
	s.t.Helper()
	settings := onetouch.ApplicationSettings{CallbackURL: &url}
	if _, err := s.service().UpdateApplication(s.life, s.app.ID, settings); err != nil {
		s.t.Fatalf("onetouchtest: SetCallback(%q): %v", url, err)
	}
}

// HandleCallbacks serves a handler on loopback until the test ends, has callbacks sent there from now on, and returns the
// URL. It is the handler that has to verify them.
func (s *Server) HandleCallbacks(handler http.Handler) (url string) {
	s.t.Helper()
	serving := httptest.NewServer(handler)
	s.serving = append(s.serving, serving)
	url = serving.URL + "/callback"
	s.SetCallback(url)
	return url
}

// verifying is the receiver for those who bring none.
func (s *Server) verifying() http.Handler {
	// What comes twice or late does so because the test wants it.
	verifier := &callback.Verifier{APIKey: s.APIKey, MaxAge: -1, MaxRemembered: -1}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := verifier.Verify(r); err != nil {
			s.t.Errorf("onetouchtest: a callback is refused: %v", err)
			http.Error(w, "callback is refused", http.StatusForbidden)
		}
	})
}

// WaitCallback waits until the callback of an approval request was taken: until its receiver, whoever that is, has answered
// with success. It returns what was taken, verified. The test fails when the callback is given up, and when none will come.
func (s *Server) WaitCallback(uuid string) *callback.Callback {
	s.t.Helper()
	var taken *callback.Callback
	var last string
	err := s.wait(func(ctx context.Context) (done bool, err error) {
		sent, err := s.callbackOf(ctx, uuid)
		switch {
		case err != nil:
			return false, err
		case sent == nil:
			return false, s.noneWillCome(ctx, uuid)
		case sent.State == onetouch.DeliveryFailed:
			last = ""
			return false, fmt.Errorf("it is given up: %s", sent.LastError)
		case sent.State == onetouch.DeliveryPending:
			last = prefixed("; the last attempt: ", sent.LastError)
			return false, nil
		}
		taken, err = s.rebuild(ctx, sent.ID)
		return true, err
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: waiting for the callback of approval request %s: %v%s", uuid, err, last)
	}
	return taken
}

// NoCallback checks that nothing is called back, or will be, of what has happened to an approval request up to now.
func (s *Server) NoCallback(uuid string) {
	s.t.Helper()
	if _, err := s.service().AnyApprovalRequest(s.life, uuid); err != nil {
		s.t.Fatalf("onetouchtest: NoCallback(%q): %v", uuid, err)
	}
	switch sent, err := s.callbackOf(s.life, uuid); {
	case err != nil:
		s.t.Fatalf("onetouchtest: NoCallback(%q): %v", uuid, err)
	case sent != nil: // it is owed in the transaction of the answer
		s.t.Errorf("onetouchtest: approval request %s has a callback: %s", uuid, sent.State)
	}
}

// WaitStatus waits until an approval request was answered or has expired, and returns where it stands.
func (s *Server) WaitStatus(uuid string) approval.Status {
	s.t.Helper()
	var status approval.Status
	err := s.wait(func(ctx context.Context) (bool, error) {
		request, err := s.service().AnyApprovalRequest(ctx, uuid)
		status = request.Status
		return status.Decided(), err
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: waiting for the answer to approval request %s: %v", uuid, err)
	}
	return status
}

// callbackOf is the callback that is owed or was sent; nil for none.
func (s *Server) callbackOf(ctx context.Context, uuid string) (*onetouch.DeliveryRecord, error) {
	callbacks, err := s.service().Deliveries(ctx, onetouch.DeliveryFilter{
		AppID: s.app.ID, RequestUUID: uuid, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback},
	})
	if err != nil || len(callbacks) == 0 {
		return nil, err
	}
	return &callbacks[0], nil
}

// noneWillCome says why nobody will be called back about a request of which no callback is owed; nil when somebody may be.
func (s *Server) noneWillCome(ctx context.Context, uuid string) error {
	request, err := s.service().AnyApprovalRequest(ctx, uuid)
	switch {
	case err != nil:
		return err
	case request.Status == approval.Expired:
		return errors.New("none will come: the request has expired")
	case request.Status.Decided():
		// The answer may have come between the two looks.
		if sent, err := s.callbackOf(ctx, uuid); sent != nil || err != nil {
			return err
		}
		return fmt.Errorf("none will come: the application had no callback URL when the request was %s", request.Status)
	default:
		return nil
	}
}

// rebuild is the callback as it was taken.
func (s *Server) rebuild(ctx context.Context, id int64) (*callback.Callback, error) {
	record, parcel, err := s.service().Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	r, _, err := delivery.Rebuild(ctx, parcel, record.Log[len(record.Log)-1], "")
	if err != nil {
		return nil, err
	}
	r.RequestURI = r.URL.RequestURI()
	return (&callback.Verifier{APIKey: s.APIKey, URL: parcel.Delivery.URL, MaxAge: -1, MaxRemembered: -1}).Verify(r)
}
