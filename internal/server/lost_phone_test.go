package server_test

import (
	"context"
	"errors"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// A phone is lost with its stream open and a question on its screen: whoever has it now hears no more, and the answer is
// refused, however it was removed.
func TestLostPhone(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(context.Context, *authy.Client, int64, *device.Device) error{
		"by the backend": func(ctx context.Context, backend *authy.Client, _ int64, d *device.Device) error {
			return backend.DeleteDevice(ctx, d.ID())
		},
		"with its user": func(ctx context.Context, backend *authy.Client, user int64, _ *device.Device) error {
			return backend.DeleteUser(ctx, user)
		},
		"by itself": func(ctx context.Context, _ *authy.Client, _ int64, d *device.Device) error { return d.Unregister(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := run(t, server.Options{Database: ":memory:"})
			backend, user, lost := phone(t, s.url, client(t))
			uuid, err := backend.CreateApprovalRequest(t.Context(), user, authy.NewApprovalRequest{Message: "Log in?"})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var onScreen *device.ApprovalRequest
			err = lost.Pushes(ctx, func(ctx context.Context, push device.Push) (err error) {
				if onScreen, err = lost.ApprovalRequest(ctx, push.ApprovalRequestUUID); err != nil {
					return err
				}
				return remove(ctx, backend, user, lost)
			})
			if !errors.Is(err, device.ErrRemoved) {
				t.Fatalf("the stream of the lost phone ended with %v", err)
			}
			for what, err := range map[string]error{
				"approve": lost.Approve(t.Context(), onScreen), "deny": lost.Deny(t.Context(), onScreen, ""),
				"push target": lost.SetPush(t.Context(), device.PushTarget{Type: device.PushStream}),
				"received":    lost.PushReceived(t.Context(), uuid),
			} {
				if !errors.Is(err, device.ErrAccessToken) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if registered, err := lost.Registered(t.Context()); err != nil || registered {
				t.Errorf("registered: %t, %v", registered, err)
			}
			request, err := s.Service().AnyApprovalRequest(t.Context(), uuid)
			if err != nil || request.Status != onetouch.StatusPending {
				t.Errorf("the request is %s, %v", request.Status, err)
			}
		})
	}
}

// The user's other phone goes on.
func TestLostPhoneLeavesTheOther(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	http := client(t)
	backend, user, lost := phone(t, s.url, http)
	token, err := backend.StartRegistration(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := device.Register(t.Context(), device.Registration{Server: s.url, HTTPClient: http, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	if err := backend.DeleteDevice(t.Context(), lost.ID()); err != nil {
		t.Fatal(err)
	}
	uuid, err := backend.CreateApprovalRequest(t.Context(), user, authy.NewApprovalRequest{Message: "Log in?"})
	if err != nil {
		t.Fatal(err)
	}
	request, err := kept.ApprovalRequest(t.Context(), uuid)
	if err == nil {
		err = kept.Approve(t.Context(), request)
	}
	if err != nil || request.DeviceUUID != kept.UUID() {
		t.Errorf("the other phone: %v, answered by %q", err, request.DeviceUUID)
	}
}
