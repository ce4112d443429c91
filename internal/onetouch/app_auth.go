package onetouch

import (
	"context"
	"crypto/subtle"
)

// hasKey compares in a time that tells nothing about the keys.
func (a Application) hasKey(key string) bool {
	first := subtle.ConstantTimeCompare([]byte(a.APIKey), []byte(key))
	second := subtle.ConstantTimeCompare([]byte(a.AlternativeAPIKey), []byte(key))
	return first|second == 1
}

// AuthenticateApplication returns the application that owns the API key. A suspended one is refused.
func (s *Service) AuthenticateApplication(ctx context.Context, apiKey string) (Application, error) {
	if apiKey == "" || len(apiKey) > maxKey {
		return Application{}, errAPIKeyInvalid
	}
	app, err := remembered(ctx, s, keyApplicationByAPIKey(digestOf(apiKey)), func(r Reader) (Application, error) {
		return r.ApplicationByKey(apiKey)
	})
	switch {
	case err != nil:
		return Application{}, orRefuse(err, errAPIKeyInvalid)
	case !app.hasKey(apiKey): // what a database takes for equal need not be
		return Application{}, errAPIKeyInvalid
	case app.Suspended:
		return Application{}, refuse(CodeApplicationSuspended, "Application has been suspended.")
	default:
		return app, nil
	}
}

var errAPIKeyInvalid = refuse(CodeAPIKeyInvalid, "Invalid API key")

// AuthenticateManager returns the application whose webhooks a backend manages with its access key. The signature of
// such a call is keyed by [Application.SigningKey] and checked by the adapter, which alone knows what was sent.
func (s *Service) AuthenticateManager(ctx context.Context, apiKey, accessKey string) (Application, error) {
	app, err := s.AuthenticateApplication(ctx, apiKey)
	switch {
	case CodeOf(err) == CodeAPIKeyInvalid:
		return Application{}, refuse(CodeApplicationKeyInvalid, "Application API key is invalid")
	case err != nil:
		return Application{}, err
	case accessKey == "":
		return Application{}, refuse(CodeAccessKeyMissing, "Access key not found")
	case subtle.ConstantTimeCompare([]byte(app.AccessKey), []byte(accessKey)) != 1:
		return Application{}, refuse(CodeAccessKeyInvalid, "Access key is invalid")
	default:
		return app, nil
	}
}
