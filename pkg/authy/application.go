package authy

import (
	"context"
	"time"
)

// ApplicationDetails is what the service knows of the application.
type ApplicationDetails struct {
	ID                int64
	Name              string
	Plan              string
	SMSEnabled        bool
	PhoneCallsEnabled bool
	OneTouchEnabled   bool
}

// ApplicationDetails returns what the service knows of the application that owns the API key.
func (c *Client) ApplicationDetails(ctx context.Context) (ApplicationDetails, error) {
	var answer applicationDetails
	err := c.ask(ctx, "GET", "/protected/json/app/details", nil, &answer)
	return ApplicationDetails{
		ID: int64(answer.App.ID), Name: answer.App.Name, Plan: answer.App.Plan, SMSEnabled: answer.App.SMSEnabled,
		PhoneCallsEnabled: answer.App.PhoneCallsEnabled, OneTouchEnabled: answer.App.OneTouchEnabled,
	}, err
}

type applicationDetails struct {
	App struct {
		ID                number `json:"app_id"`
		Name              string `json:"name"`
		Plan              string `json:"plan"`
		SMSEnabled        bool   `json:"sms_enabled"`
		PhoneCallsEnabled bool   `json:"phone_calls_enabled"`
		OneTouchEnabled   bool   `json:"onetouch_enabled"`
	} `json:"app"`
}

func (d *applicationDetails) whole() bool { return d.App.ID > 0 }

// ApplicationStats counts what the application did.
type ApplicationStats struct {
	ApplicationID int64
	TotalUsers    int64
	Months        []MonthlyStats // in the service's order
}

// MonthlyStats counts what the application did in one month.
type MonthlyStats struct {
	Year     int
	Month    time.Month
	APICalls int64
	Auths    int64
	Calls    int64
	SMS      int64
	Users    int64
}

// ApplicationStats returns what the application did, month by month.
func (c *Client) ApplicationStats(ctx context.Context) (ApplicationStats, error) {
	var answer applicationStats
	if err := c.ask(ctx, "GET", "/protected/json/app/stats", nil, &answer); err != nil {
		return ApplicationStats{}, err
	}
	stats := ApplicationStats{ApplicationID: int64(answer.AppID), TotalUsers: int64(answer.TotalUsers)}
	for _, m := range answer.Stats {
		stats.Months = append(stats.Months, MonthlyStats{
			Year: int(m.Year), Month: monthNamed(m.Month), APICalls: int64(m.APICalls), Auths: int64(m.Auths),
			Calls: int64(m.Calls), SMS: int64(m.SMS), Users: int64(m.Users),
		})
	}
	return stats, nil
}

type applicationStats struct {
	AppID      number `json:"app_id"`
	TotalUsers number `json:"total_users"`
	Stats      []struct {
		Month    string `json:"month"`
		Year     number `json:"year"`
		APICalls number `json:"api_calls_count"`
		Auths    number `json:"auths_count"`
		Calls    number `json:"calls_count"`
		SMS      number `json:"sms_count"`
		Users    number `json:"users_count"`
	} `json:"stats"`
}

func (s *applicationStats) whole() bool {
	for _, m := range s.Stats {
		if monthNamed(m.Month) == 0 {
			return false
		}
	}
	return s.AppID > 0
}

// monthNamed is the month of an English name; 0 when there is none.
func monthNamed(name string) time.Month {
	for month := time.January; month <= time.December; month++ {
		if month.String() == name {
			return month
		}
	}
	return 0
}
