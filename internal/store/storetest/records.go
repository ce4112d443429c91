package storetest

import (
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// The records below have a value in every field, and one that no other field has.

func application(name string) onetouch.Application {
	return onetouch.Application{
		ID: "app-" + name, CustomerUUID: 15083, Name: "Acme " + name, APIKey: "key-" + name,
		AlternativeAPIKey: "second key-" + name, AccessKey: "access-" + name, SigningKey: "signing-" + name,
		Callback:   onetouch.CallbackTarget{URL: "https://backend.example/" + name, Method: "GET"},
		PushSender: onetouch.PushByBackend, RequireDevice: true,
		Switches: onetouch.Switches{
			TokenDigits: 8, VerifyUnconfirmed: true, StrictPhoneNumbers: true, SMSEnabled: true, CallsEnabled: true,
			CustomCodesEnabled: true, Sandbox: true, UnknownRequestsPending: true, Suspended: true,
		},
		Limits: onetouch.Limits{
			TokensPerHour: 1, FailuresPerHour: 2, APICallsPerMinute: 3, SMSPerDay: 4, SMSPerMonth: 5, CallsPerDay: 6,
			CallsPerMonth: 7,
		},
		Verify:    onetouch.VerifySettings{CodeLength: 5, TOTPIssuer: "Issuer of " + name, PushWithoutDate: true},
		CreatedAt: start(), UpdatedAt: start().Add(time.Minute),
	}
}

func user(app onetouch.Application, cellphone string) onetouch.User {
	return onetouch.User{
		ID: "user-" + cellphone, AppID: app.ID, Identity: "identity-" + cellphone, Email: cellphone + "@example.com", CountryCode: 57, Cellphone: cellphone,
		CreatedAt: start().Add(time.Second), ConfirmedAt: start().Add(2 * time.Second),
		SuspendedAt: start().Add(3 * time.Second),
	}
}

func registration(u onetouch.User, token string) onetouch.Registration {
	return onetouch.Registration{
		TokenDigest: onetouch.SecretDigest(token), AppID: u.AppID, AuthyID: u.AuthyID,
		CreatedAt: start().Add(time.Minute), ExpiresAt: start().Add(11 * time.Minute), DeviceName: "to be called " + token,
	}
}

func device(u onetouch.User, name string) onetouch.Device {
	return onetouch.Device{
		UUID: "device-" + name, AppID: u.AppID, AuthyID: u.AuthyID, Name: name, Platform: "ios", AppVersion: "2.1",
		PublicKey: []byte(`{"kty":"EC"}`), KeyID: "thumbprint of " + name,
		AccessTokenDigest: onetouch.SecretDigest("access " + name),
		Push:              onetouch.PushTarget{Type: onetouch.PushWebhook, Token: "push " + name, URL: "https://push.example/"},
		TOTPSecret:        []byte{0, 1, 2, 0xff}, RegisteredAt: start().Add(2 * time.Minute),
		API: onetouch.APIVerify, VerifiedAt: start().Add(3 * time.Minute), UpdatedAt: start().Add(4 * time.Minute),
		Factor: onetouch.FactorConfig{AppID: "com.example", SDKVersion: "1.2", Platform: "apn", Metadata: `{"name":"` + name + `"}`},
	}
}

// authenticator is a TOTP factor.
func authenticator(u onetouch.User, name string) onetouch.Device {
	d := device(u, name)
	d.FactorType = onetouch.FactorTOTP
	d.Factor = onetouch.FactorConfig{
		TOTP: onetouch.TOTPConfig{Alg: "sha256", TimeStep: 60, Skew: 2, CodeLength: 8}, Metadata: `{"name":"` + name + `"}`,
	}
	return d
}

// request is the nth one put to the user, made n seconds after the start and without an end.
func request(u onetouch.User, n int) onetouch.ApprovalRequest {
	at := start().Add(time.Duration(n) * time.Second)
	return onetouch.ApprovalRequest{
		UUID: fmt.Sprintf("%s-request-%d", u.ID, n), ID: fmt.Sprintf("id-%d", n), AppID: u.AppID, AppName: "Acme Bank",
		AuthyID: u.AuthyID,
		Question: onetouch.Question{
			Message:       fmt.Sprintf("Send $%d?", n),
			Details:       details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}},
			HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
			Logos:         []onetouch.Logo{{Resolution: "default", URL: "https://logo.example/"}},
		},
		Status: onetouch.StatusPending, Challenge: fmt.Sprintf("challenge %d", n), CreatedAt: at, UpdatedAt: at,
	}
}

// expiring is a request with an end.
func expiring(r onetouch.ApprovalRequest, seconds int64) onetouch.ApprovalRequest {
	r.SecondsToExpire, r.ExpiresAt = seconds, r.CreatedAt.Add(time.Duration(seconds)*time.Second)
	return r
}

// decided is a request as a device answered it.
func decided(r onetouch.ApprovalRequest, status onetouch.Status, d onetouch.Device) onetouch.ApprovalRequest {
	at := r.CreatedAt.Add(30 * time.Second)
	r.Status, r.ProcessedAt, r.UpdatedAt = status, at, at
	if status != onetouch.StatusExpired {
		r.Answer = onetouch.Answer{DeviceID: d.ID, Reason: "it is me", SignedAt: at.Add(-time.Second), JWS: "a.b.c"}
	}
	return r
}

func callback(r onetouch.ApprovalRequest) onetouch.Delivery {
	return onetouch.Delivery{
		AppID: r.AppID, Kind: onetouch.DeliveryCallback, RequestUUID: r.UUID, Method: "POST", URL: "https://backend.example/",
		State: onetouch.DeliveryPending, NextAttemptAt: r.CreatedAt, CreatedAt: r.CreatedAt,
	}
}

// push waits on the stream of the device.
func push(r onetouch.ApprovalRequest, d onetouch.Device) onetouch.Delivery {
	return onetouch.Delivery{
		AppID: r.AppID, Kind: onetouch.DeliveryPush, RequestUUID: r.UUID, DeviceID: d.ID,
		State: onetouch.DeliveryPending, CreatedAt: r.CreatedAt,
	}
}

// sent is a delivery that has succeeded.
func sent(d onetouch.Delivery) onetouch.Delivery {
	d.State, d.Attempts, d.NextAttemptAt, d.FinishedAt = onetouch.DeliverySent, 1, time.Time{}, d.CreatedAt.Add(time.Second)
	return d
}
