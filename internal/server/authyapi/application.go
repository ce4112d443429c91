package authyapi

import (
	"github.com/onetouchkit/onetouch/internal/authywire"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func applicationEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "GET", Path: "/protected/{format}/app/details", Does: "says what is known of the application",
			Parameters: []Parameter{userIP()}, Source: "authy-client (checks every member), authy-rs",
			handle: (*API).applicationDetails,
		},
		{
			Method: "GET", Path: "/protected/{format}/app/stats", Does: "counts what happened, month by month",
			Parameters: []Parameter{userIP()}, Source: "authy-client (checks every member), authy-python",
			Ours: "the last twelve months, the oldest first", handle: (*API).applicationStats,
		},
	}
}

// applicationDetails: GET app/details.
func (a *API) applicationDetails(c *call) (authywire.Object, error) {
	return authywire.Object{
		{Name: "app", Value: authywire.Object{
			{Name: "app_id", Value: c.app.SerialID},
			{Name: "name", Value: c.app.Name},
			{Name: "plan", Value: plan(c.app)},
			{Name: "sms_enabled", Value: c.app.SMSEnabled},
			{Name: "phone_calls_enabled", Value: c.app.CallsEnabled},
			{Name: "onetouch_enabled", Value: true},
		}},
		{Name: "message", Value: "Application information."},
	}, nil
}

// applicationStats: GET app/stats.
func (a *API) applicationStats(c *call) (authywire.Object, error) {
	statistics, err := a.service.Statistics(c.Context(), c.app.ID)
	if err != nil {
		return nil, err
	}
	months := authywire.Array{}
	for _, m := range statistics.Months {
		months = append(months, authywire.Object{
			{Name: "month", Value: m.Month.String()},
			{Name: "year", Value: m.Year},
			{Name: "api_calls_count", Value: m.APICalls},
			{Name: "auths_count", Value: m.Auths},
			{Name: "calls_count", Value: m.Calls},
			{Name: "sms_count", Value: m.SMS},
			{Name: "users_count", Value: m.Users},
		})
	}
	return authywire.Object{
		{Name: "app_id", Value: c.app.SerialID},
		{Name: "count", Value: len(months)},
		{Name: "message", Value: "Monthly statistics."},
		{Name: "total_users", Value: statistics.TotalUsers},
		{Name: "stats", Value: months},
	}, nil
}

// plan is the plan that app/details names. Source: recorded answers; "sandbox" is unconfirmed.
func plan(app onetouch.Application) string {
	if app.Sandbox {
		return "sandbox"
	}
	return "pay_as_you_go"
}
