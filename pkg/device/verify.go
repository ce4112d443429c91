package device

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/onetouchkit/onetouch/pkg/evidence"
	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// factor speaks the Verify API. Source of what is on the wire: twilio-verify-android.
type factor struct {
	credentials Credentials // as they were when it was opened
	verifyAPI   *client
	api         *client // of the device API, by which a simulated phone hears pushes and learns its numbers
	key         *evidence.PrivateKey
	clock       *clock
	unverified  atomic.Bool
}

const (
	factorUser = "token"          // the user name with which devices call
	tokenLife  = 10 * time.Minute // of a JWT
)

func openFactor(c Credentials, api *client, key *evidence.PrivateKey, clock *clock) *factor {
	f := &factor{credentials: c, key: key, clock: clock}
	f.unverified.Store(c.Factor.Unverified)
	f.verifyAPI, f.api = f.calling(api, func(r *http.Request, token string) { r.SetBasicAuth(factorUser, token) }),
		f.calling(api, func(r *http.Request, token string) { _ = bearer(token)(r) })
	return f
}

// calling is the client whose calls carry a token that the factor signs for each of them.
func (f *factor) calling(api *client, carry func(*http.Request, string)) *client {
	own := *api
	own.clock = f.clock
	own.authorise = func(r *http.Request) error {
		now := f.clock.now()
		token, err := evidence.SignToken(f.key, f.credentials.Factor.CredentialSID, evidence.Token{
			Subject: f.credentials.Factor.AccountSID, NotBefore: now.Unix(), Expires: now.Add(tokenLife).Unix(),
		})
		if err == nil {
			carry(r, token)
		}
		return err
	}
	return &own
}

// form makes a call of the Verify API, and reads its answer into result, which is nil when there is none to read.
func (c *client) form(ctx context.Context, method, path string, parameters url.Values, result any) error {
	response, err := c.sendForm(ctx, method, path, parameters)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if result == nil {
		return nil
	}
	return c.read(response, "the Verify API", result)
}

// sendForm makes a call of the Verify API whose answer is no refusal.
func (c *client) sendForm(ctx context.Context, method, path string, parameters url.Values) (*http.Response, error) {
	target := c.server + path
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(parameters.Encode())
	} else if len(parameters) > 0 {
		target += "?" + parameters.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", c.server, err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := c.send(request, c.http)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		defer func() { _ = response.Body.Close() }()
		return nil, c.formRefusal(response)
	}
	return response, nil
}

// formRefusal reads a refusal of the Verify API.
func (c *client) formRefusal(response *http.Response) error {
	var body struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	err := json.NewDecoder(io.LimitReader(response.Body, maxError)).Decode(&body)
	if err != nil || body.Code == 0 || body.Message == "" {
		return &Error{StatusCode: response.StatusCode, Message: fmt.Sprintf(
			"%s answered %s: no server of the Verify API, or a broken one", c.server, response.Status)}
	}
	refused := &Error{StatusCode: response.StatusCode, ErrorCode: strconv.Itoa(body.Code), Message: body.Message}
	if refused.Parameter, refused.Reason = httpcall.WrongParameter(body.Message); refused.Parameter != "" {
		refused.Code = "invalid_parameter"
	}
	if response.StatusCode == http.StatusUnauthorized {
		refused.Code = "credentials_invalid"
	}
	return refused
}

// factorsPath is where the factors of an entity are.
func factorsPath(serviceSID, identity string) string {
	return "/v2/Services/" + url.PathEscape(serviceSID) + "/Entities/" + url.PathEscape(identity) + "/Factors"
}

func (f *factor) path() string {
	own := f.credentials.Factor
	return factorsPath(own.ServiceSID, own.Identity) + "/" + url.PathEscape(own.SID)
}

func (f *factor) verify(ctx context.Context) error {
	sid := f.credentials.Factor.SID
	signature, err := evidence.SignText(f.key, sid)
	if err != nil {
		return err
	}
	var verified factorAnswer
	parameters := url.Values{"AuthPayload": {base64.StdEncoding.EncodeToString(signature)}}
	if err := f.verifyAPI.form(ctx, http.MethodPost, f.path(), parameters, &verified); err != nil {
		return err
	}
	if verified.Status != "verified" {
		return fmt.Errorf("%s answered that factor %s is %q", f.api.server, sid, verified.Status)
	}
	f.unverified.Store(false)
	return nil
}

func (f *factor) rename(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", errors.New("name is missing: a factor has one of 1 to 64 characters")
	}
	var changed factorAnswer
	err := f.verifyAPI.form(ctx, http.MethodPost, f.path(), url.Values{"FriendlyName": {name}}, &changed)
	return changed.FriendlyName, err
}

func (f *factor) setPush(ctx context.Context, target PushTarget) error {
	platform, err := notificationPlatform(f.credentials.Platform)
	if err != nil {
		return err
	}
	parameters := url.Values{"Config": {objectOf(target.config(platform))}}
	return f.verifyAPI.form(ctx, http.MethodPost, f.path(), parameters, &factorAnswer{})
}

const backendPushes = "pushes by a backend: its service pushes"

func (*factor) pushReceived(context.Context, string) error {
	return &withoutError{Verify, backendPushes}
}

func (f *factor) unregister(ctx context.Context) error {
	return f.verifyAPI.form(ctx, http.MethodDelete, f.path(), nil, nil)
}

// ChallengePush is the type of a push that tells a factor of a challenge.
const ChallengePush = "verify_push_challenge"

func (*factor) push(data []byte) (Push, error) {
	var heard struct {
		Type         string `json:"type"`
		ChallengeSID string `json:"challenge_sid"`
		Message      string `json:"message"`
	}
	if err := json.Unmarshal(data, &heard); err != nil {
		return Push{}, plain(err)
	}
	if heard.Type != ChallengePush {
		return Push{}, nil
	}
	uuid := uuidOf(challengePrefix, heard.ChallengeSID)
	if uuid == "" {
		return Push{}, fmt.Errorf("challenge_sid %q is none", heard.ChallengeSID)
	}
	return Push{Type: heard.Type, ApprovalRequestUUID: uuid, Alert: heard.Message}, nil
}

// A SID is two letters and the digits of a UUID.
const (
	factorPrefix    = "YF"
	challengePrefix = "YC"
)

func challengeSID(uuid string) string { return challengePrefix + strings.ReplaceAll(uuid, "-", "") }

// uuidOf is the UUID in a SID; "" when it is none.
func uuidOf(prefix, sid string) string {
	const digits = 32
	uuid, is := strings.CutPrefix(sid, prefix)
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' }
	if !is || len(uuid) != digits || strings.ContainsFunc(uuid, func(r rune) bool { return !isDigit(r) }) {
		return ""
	}
	return uuid[:8] + "-" + uuid[8:12] + "-" + uuid[12:16] + "-" + uuid[16:20] + "-" + uuid[20:]
}
