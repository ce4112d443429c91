package authy

import (
	"context"
	"fmt"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// ActivityType is what a backend has seen a user do, or has done to them.
type ActivityType string

// Types of activities. A banned user gets no codes and no approval requests until they are unbanned.
const (
	ActivityPasswordReset ActivityType = "password_reset"
	ActivityBanned        ActivityType = "banned"
	ActivityUnbanned      ActivityType = "unbanned"
	ActivityCookieLogin   ActivityType = "cookie_login"
)

// Activity is something that the service should know of a user.
type Activity struct {
	Type   ActivityType
	Data   details.List // whatever the backend wants to keep with it
	UserIP string       // the user's address
}

// RegisterActivity tells the service of an activity. It fails with [ErrUserNotFound] when the application has no such user,
// and with [ErrInvalidParameter] when the type is another one.
func (c *Client) RegisterActivity(ctx context.Context, authyID int64, a Activity) error {
	var parameters form
	parameters.add("type", string(a.Type))
	parameters.addDetails("data", a.Data)
	parameters.addIfGiven("user_ip", a.UserIP)
	return c.ask(ctx, "POST", fmt.Sprintf("/protected/json/users/%d/register_activity", authyID), parameters, &done{})
}
