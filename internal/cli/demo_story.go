package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Who takes part in the story.
const (
	theBackend = "backend"
	theService = "Authy"
	thePhone   = "phone"
)

// story plays the whole story, as a backend and a phone would, and tells it step by step.
type story struct {
	streams *output.Streams
	silent  bool
	stage   *stage

	steps  int
	untold error // why a step could not be told
	result demoResult
	phone  *device.Device
	pushes chan device.Push
	hung   chan error // why the phone hears no more
}

// The people and things of the story. The number is one of those that are kept free for fiction.
const (
	demoEmail   = "ada@example.com"
	demoPhone   = "202-555-0158"
	demoMessage = "Send $12,400 to ACME?"
)

func demoDetails() details.List {
	return details.List{
		{Name: "To", Value: "ACME Incorporated"}, {Name: "Amount", Value: "$12,400"}, {Name: "From", Value: "Bogotá, Colombia"},
	}
}

// play is the story with a phone that answers by itself.
func (s *story) play(ctx context.Context, status onetouch.Status) (demoResult, error) {
	err := s.ask(ctx)
	if err == nil {
		err = s.answer(ctx, status)
	}
	if err != nil {
		return s.result, err
	}
	return s.end(ctx)
}

// ask is the story up to the request that waits on the phone.
func (s *story) ask(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.addUser, s.registerPhone, s.listen, s.sendRequest, s.hear} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) addUser(ctx context.Context) (err error) {
	s.result.AuthyID, err = s.stage.backend.CreateUser(ctx, authy.NewUser{
		Email: demoEmail, Cellphone: demoPhone, CountryCode: "1",
	})
	if err != nil {
		return err
	}
	s.tell(theBackend, theService, fmt.Sprintf("adds a user: %s, +1 %s", demoEmail, demoPhone),
		fmt.Sprintf("and learns the Authy ID %d", s.result.AuthyID))
	return nil
}

func (s *story) registerPhone(ctx context.Context) error {
	token, err := s.stage.backend.StartRegistration(ctx, s.result.AuthyID)
	if err != nil {
		return err
	}
	s.tell(theBackend, theService, "asks for a registration token, for the app on the user's phone")
	s.phone, err = device.Register(ctx, device.Registration{
		Server: s.stage.url, HTTPClient: s.stage.http, Token: token, Name: "Ada's Pixel", Platform: "android",
	})
	if err != nil {
		return err
	}
	s.result.DeviceID = s.phone.ID()
	s.tell(thePhone, theService, fmt.Sprintf("registers with the token as device %d", s.phone.ID()),
		"and keeps its private key to itself")
	return nil
}

// listen opens the phone's stream of pushes, and waits until it stands.
func (s *story) listen(ctx context.Context) error {
	s.pushes, s.hung = make(chan device.Push, 1), make(chan error, 1)
	connected := make(chan struct{}, 1)
	hear := func(_ context.Context, push device.Push) error { //nolint:unparam // Pushes wants this shape
		offer(s.pushes, push)
		return nil
	}
	go func() { s.hung <- s.phone.Pushes(ctx, hear, device.OnConnect(func() { offer(connected, struct{}{}) })) }()
	select {
	case <-connected:
		return nil
	case err := <-s.hung:
		return fmt.Errorf("the phone could not listen: %w", err)
	}
}

func (s *story) sendRequest(ctx context.Context) (err error) {
	s.result.Message, s.result.Details = demoMessage, demoDetails()
	s.result.UUID, err = s.stage.backend.CreateApprovalRequest(ctx, s.result.AuthyID, authy.NewApprovalRequest{
		Message: s.result.Message, Details: s.result.Details,
		HiddenDetails: details.List{{Name: "ip", Value: "192.0.2.7"}},
	})
	if err != nil {
		return err
	}
	s.tell(theBackend, theService, "asks "+quoted(s.result.Message), "as approval request "+s.result.UUID)
	return nil
}

func (s *story) hear(context.Context) error {
	select {
	case push := <-s.pushes:
		s.tell(theService, thePhone, fmt.Sprintf("pushes UUID and message, without details (push %d)", push.ID))
		return nil
	case err := <-s.hung:
		return fmt.Errorf("the phone heard of no request: %w", err)
	}
}

func (s *story) answer(ctx context.Context, status onetouch.Status) error {
	request, err := s.phone.ApprovalRequest(ctx, s.result.UUID)
	if err != nil {
		return err
	}
	s.tell(thePhone, theService, append([]string{"fetches the details, and shows them"}, linesOf(request.Details)...)...)
	if err := s.phone.Answer(ctx, request, status, ""); err != nil {
		return err
	}
	s.tell(thePhone, theService, "signs what it showed with its own key, and answers: "+string(request.Status))
	return nil
}

// end is how the backend learns of the answer: it asks, and the service calls it back.
func (s *story) end(ctx context.Context) (demoResult, error) {
	result, err := s.hearBack(ctx)
	return result, cmp.Or(err, s.untold)
}

// hearBack is end, as far as backend and service go.
func (s *story) hearBack(ctx context.Context) (demoResult, error) {
	request, err := s.stage.backend.ApprovalRequest(ctx, s.result.UUID)
	if err != nil {
		return s.result, err
	}
	s.result.Status = string(request.Status)
	s.tell(theBackend, theService, "polls the status: "+string(request.Status))
	if !onetouch.Status(s.result.Status).Answered() {
		s.remark("Nobody has answered, so there is no callback.")
		return s.result, nil
	}
	s.result.Callback, err = s.stage.callbacks.wait(ctx)
	if err != nil {
		return s.result, err
	}
	if s.result.Callback.Status != s.result.Status {
		return s.result, errors.New("the callback does not say what the status says")
	}
	s.tell(theService, theBackend, fmt.Sprintf("calls back: %s %s", s.result.Callback.Method, s.result.Callback.URL),
		fmt.Sprintf("says %s, and its signature is verified", s.result.Callback.Status))
	return s.result, nil
}

// tell prints a step: who speaks to whom, and what happens, in lines that fit 80 columns.
func (s *story) tell(from, to string, lines ...string) {
	s.steps++
	if s.silent {
		return
	}
	bold, faint := s.streams.OutRenderer().NewStyle().Bold(true), s.streams.OutRenderer().NewStyle().Faint(true)
	const arrow, numberWidth, gap = " → ", 4, 2
	width := len(theBackend) + len(theService)
	parties := bold.Render(from) + faint.Render(arrow) + bold.Render(to) + strings.Repeat(" ", width-len(from)-len(to)+gap)
	margin := strings.Repeat(" ", numberWidth+width+utf8.RuneCountInString(arrow)+gap)
	_, err := fmt.Fprintf(s.streams.Out, "%2d  %s%s\n", s.steps, parties, strings.Join(lines, "\n"+margin))
	if err != nil && s.untold == nil {
		s.untold = fmt.Errorf("writing the answer: %w", err)
	}
}

// remark is for the reader of the story.
func (s *story) remark(text string) {
	if !s.silent {
		say(s.streams, "%s", text)
	}
}

func linesOf(list details.List) []string {
	var lines []string
	for _, detail := range list {
		lines = append(lines, "  "+output.Sanitise(detail.Name)+": "+output.Sanitise(detail.Value))
	}
	return lines
}
