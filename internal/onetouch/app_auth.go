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
	return s.authenticateApplication(ctx, apiKey, refuse(CodeAPIKeyInvalid, "Invalid API key"))
}

func (s *Service) authenticateApplication(ctx context.Context, apiKey string, invalid *Error) (Application, error) {
	if apiKey == "" || len(apiKey) > maxKey {
		return Application{}, invalid
	}
	app, err := remembered(ctx, s, keyApplicationByAPIKey(digestOf(apiKey)), func(r Reader) (Application, error) {
		return r.ApplicationByKey(apiKey)
	})
	switch {
	case err != nil:
		return Application{}, orRefuse(err, invalid)
	case !app.hasKey(apiKey): // what a database takes for equal need not be
		return Application{}, invalid
	case app.Suspended:
		return Application{}, refuse(CodeApplicationSuspended, "Application has been suspended.")
	default:
		return app, nil
	}
}

// AuthenticateManager returns the application whose webhooks a backend manages with its access key. The signature of
// such a call is keyed by [Application.SigningKey] and checked by the adapter, which alone knows what was sent.
func (s *Service) AuthenticateManager(ctx context.Context, apiKey, accessKey string) (Application, error) {
	invalid := refuse(CodeApplicationKeyInvalid, "Application API key is invalid")
	app, err := s.authenticateApplication(ctx, apiKey, invalid)
	switch {
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
