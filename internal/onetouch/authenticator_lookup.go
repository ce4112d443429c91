package onetouch

import "context"

// UserAuthenticator returns the authenticator that a user has already; it makes none. It is for the operator only.
func (s *Service) UserAuthenticator(ctx context.Context, authyID int64) (Provisioning, error) {
	result, err := view(ctx, s, func(r Reader) (Provisioning, error) {
		authenticator, err := r.Authenticator(authyID)
		if err != nil {
			return Provisioning{}, err
		}
		app, err := r.Application(authenticator.AppID)
		return Provisioning{Authenticator: authenticator, Issuer: app.Name}, err
	})
	return result, orRefuse(err, errAuthenticatorNotFound)
}
