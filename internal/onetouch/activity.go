package onetouch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// Activity is something that a backend tells about a user.
type Activity struct {
	ID        int64
	AppID     string
	AuthyID   int64
	Type      ActivityType
	Data      details.List
	UserIP    string
	CreatedAt time.Time
}

// ActivityType says what happened to a user. Source: the types that authy-client and authy-rs know.
type ActivityType string

// What can happen to a user.
const (
	ActivityPasswordReset ActivityType = "password_reset"
	ActivityBanned        ActivityType = "banned"
	ActivityUnbanned      ActivityType = "unbanned"
	ActivityCookieLogin   ActivityType = "cookie_login"
)

// event is what the activity is in the log.
func (a ActivityType) event() EventType {
	return map[ActivityType]EventType{
		ActivityPasswordReset: EventPasswordReset, ActivityBanned: EventUserSuspended,
		ActivityUnbanned: EventUserUnsuspended, ActivityCookieLogin: EventCookieLogin,
	}[a]
}

// NewActivity is what a backend reports.
type NewActivity struct {
	Type   string
	Data   details.List
	UserIP string
}

const maxUserIP = 100

func (n NewActivity) validate() error {
	if n.Type == "" {
		return InvalidParameter("type", "Parameter is required")
	}
	types := []string{
		string(ActivityPasswordReset), string(ActivityBanned), string(ActivityUnbanned), string(ActivityCookieLogin),
	}
	if !slices.Contains(types, n.Type) {
		return InvalidParameter("type", "must be one of "+strings.Join(types, ", "))
	}
	if err := validDetails("data", n.Data); err != nil {
		return err
	}
	return validText("user_ip", n.UserIP, 0, maxUserIP)
}

// RegisterActivity writes down an activity. A ban refuses the user every token and approval request until it is lifted.
func (s *Service) RegisterActivity(ctx context.Context, appID string, authyID int64, n NewActivity) (Activity, error) {
	if err := n.validate(); err != nil {
		return Activity{}, err
	}
	activity := Activity{AppID: appID, AuthyID: authyID, Type: ActivityType(n.Type), Data: n.Data, UserIP: n.UserIP}
	err := s.change(ctx, func(c *change) error {
		user, err := activeUser(c, appID, authyID)
		if err != nil {
			return err
		}
		if after := user.after(activity.Type, c.now); after != user {
			if err := c.UpdateUser(after); err != nil {
				return err
			}
		}
		activity.CreatedAt = c.now
		if err := c.InsertActivity(&activity); err != nil {
			return err
		}
		return c.happened(Event{Type: activity.Type.event(), AppID: appID, AuthyID: authyID, Note: n.UserIP})
	})
	return activity, err
}

// after is the user once the activity has happened.
func (u User) after(activity ActivityType, now time.Time) User {
	switch {
	case activity == ActivityBanned && !u.Suspended():
		u.SuspendedAt = now
	case activity == ActivityUnbanned:
		u.SuspendedAt = time.Time{}
	}
	return u
}

// ActivityFilter chooses activities, newest first. Zero fields choose all.
type ActivityFilter struct {
	AppID   string
	AuthyID int64
	Limit   int
}

// Activities lists activities, newest first.
func (s *Service) Activities(ctx context.Context, f ActivityFilter) ([]Activity, error) {
	return view(ctx, s, func(r Reader) ([]Activity, error) { return r.Activities(f) })
}
