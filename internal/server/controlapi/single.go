package controlapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Standing is how things stand in an application.
type Standing struct {
	Users    int `json:"users"`
	Devices  int `json:"devices"`
	Requests int `json:"requests"` // that are pending
	Owed     int `json:"owed"`     // deliveries that the server has still to send
}

func (a *API) standing(r *http.Request) (any, error) {
	standing, err := a.service.Standing(r.Context(), r.URL.Query().Get("app"))
	return Standing(standing), err
}

// Standing counts what is there in an application.
func (c *Client) Standing(ctx context.Context, appID string) (Standing, error) {
	return read[Standing](ctx, c, "/standing", url.Values{"app": {appID}})
}

func (a *API) user(r *http.Request) (any, error) {
	user, err := a.service.UserOf(r.Context(), r.URL.Query().Get("app"), number(r.PathValue("id")))
	return userOf(user), err
}

// User returns a user of an application ("": of whichever). One who is not there is [onetouch.CodeUserNotFound].
func (c *Client) User(ctx context.Context, appID string, authyID int64) (User, error) {
	return read[User](ctx, c, fmt.Sprintf("/users/%d", authyID), url.Values{"app": {appID}})
}

func (a *API) device(r *http.Request) (any, error) {
	device, err := a.service.AnyDevice(r.Context(), number(r.PathValue("id")))
	return deviceOf(device), err
}

// Device returns a registered device. One that is not there is [onetouch.CodeDeviceNotFound].
func (c *Client) Device(ctx context.Context, id int64) (Device, error) {
	return read[Device](ctx, c, fmt.Sprintf("/devices/%d", id), nil)
}

// number is an ID in a path; 0, which no thing has, for what is no number.
func number(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
