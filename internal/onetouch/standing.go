package onetouch

import "context"

// Standing is how things stand in an application now.
type Standing struct {
	Users    int // without removed ones
	Devices  int // without removed ones
	Requests int // approval requests that are pending
	Owed     int // deliveries of which [Delivery.Owed] is true
}

// Standing counts what is there in an application, "" in all of them.
func (s *Service) Standing(ctx context.Context, appID string) (Standing, error) {
	return view(ctx, s, func(r Reader) (Standing, error) { return r.Standing(appID, s.clock.Now()) })
}

// UserOf returns a user of the application ("": of whichever), as only the operator may see them.
func (s *Service) UserOf(ctx context.Context, appID string, authyID int64) (User, error) {
	users, err := s.Users(ctx, UserFilter{AppID: appID, AuthyID: authyID})
	if err != nil {
		return User{}, err
	}
	if authyID == 0 || len(users) == 0 {
		return User{}, errUserNotFound
	}
	return users[0], nil
}

// AnyDevice returns a registered device of whichever application, as only the operator may see it.
func (s *Service) AnyDevice(ctx context.Context, id int64) (Device, error) {
	device, err := view(ctx, s, func(r Reader) (Device, error) { return r.Device(id) })
	if err == nil && device.Removed() {
		err = errDeviceNotFound
	}
	return device, orRefuse(err, errDeviceNotFound)
}
