package onetouch_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// pushes are the deliveries that a request owes to devices, oldest first, without their log.
func (w *world) pushes(r onetouch.ApprovalRequest) []onetouch.Delivery {
	w.Helper()
	records, err := w.Deliveries(w.Context(), onetouch.DeliveryFilter{RequestUUID: r.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryPush}})
	if err != nil {
		w.Fatal(err)
	}
	var deliveries []onetouch.Delivery
	for i := len(records) - 1; i >= 0; i-- {
		deliveries = append(deliveries, records[i].Delivery)
	}
	return deliveries
}

var (
	byStream  = onetouch.PushTarget{Type: onetouch.PushStream}
	byWebhook = onetouch.PushTarget{Type: onetouch.PushWebhook, URL: "http://127.0.0.1:9/push"}
	byNobody  = onetouch.PushTarget{Type: onetouch.PushNone}
)

func TestEachDeviceIsOwedAPushInItsOwnWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	stream, webhook, removed := w.register(ada, byStream), w.register(ada, byWebhook), w.register(ada)
	w.register(ada, byNobody)
	w.register(bob)
	if err := w.RemoveDevice(t.Context(), w.app.ID, removed.ID); err != nil {
		t.Fatal(err)
	}
	streamWoken, workerWoken := w.Changed(onetouch.TopicDevice(stream.UUID)), w.Changed(onetouch.TopicDeliveries)
	asked := w.ask(ada, question())
	<-streamWoken
	<-workerWoken
	got := w.pushes(asked)
	if len(got) != 2 {
		t.Fatalf("got %+v, want two pushes", got)
	}
	common := onetouch.Delivery{
		AppID: w.app.ID, Kind: onetouch.DeliveryPush, RequestUUID: asked.UUID, State: onetouch.DeliveryPending, CreatedAt: noon(),
	}
	toStream, toWebhook := common, common
	toStream.ID, toStream.DeviceID = got[0].ID, stream.ID
	toWebhook.ID, toWebhook.DeviceID = got[1].ID, webhook.ID
	toWebhook.Method, toWebhook.URL, toWebhook.NextAttemptAt = "POST", "http://127.0.0.1:9/push", noon()
	w.same("pushes", got, []onetouch.Delivery{toStream, toWebhook})
}

func TestBackendThatPushesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend})
	ada := w.addUser("202-555-0158")
	p := w.register(ada, byStream)
	asked := w.ask(ada, question())
	if got := w.pushes(asked); len(got) != 0 {
		t.Errorf("got %+v, want no pushes", got)
	}
	w.mustAnswer(p, asked, evidence.Approved)
	factor := w.registerFactor(ada) // to which no backend can push
	if got := w.pushes(w.ask(ada, question())); len(got) != 1 || got[0].DeviceID != factor.ID {
		t.Errorf("got %+v, want a push to the factor alone", got)
	}
}

func TestRequestIsNotifiedOnceAPushHasLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.register(ada)
	asked := w.ask(ada, question())
	notified := func() bool {
		t.Helper()
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
		if err != nil {
			t.Fatal(err)
		}
		return record.Request.Notified
	}
	if notified() {
		t.Error("notified before anything was sent")
	}
	w.attempt(w.pushes(asked)[0].ID, "")
	if !notified() {
		t.Error("not notified although a push has left")
	}
}

// next reads a stream and returns the messages of its pushes.
func (w *world) next(reader *onetouch.PushReader) (messages []string) {
	w.Helper()
	for {
		pushes, more, err := reader.Next(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, push := range pushes {
			messages = append(messages, push.Message)
		}
		if !more {
			return messages
		}
	}
}

func (w *world) readPushes(p phone, lastSeen *int64) *onetouch.PushReader {
	w.Helper()
	reader, err := w.ReadPushes(w.Context(), p.Device, lastSeen)
	if err != nil {
		w.Fatal(err)
	}
	return reader
}

// askFor asks with a message of its own.
func (w *world) askFor(user onetouch.User, message string) onetouch.ApprovalRequest {
	w.Helper()
	n := lasting(0)
	n.Message = message
	return w.ask(user, n)
}

func TestStreamSendsWhatIsPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, other := w.register(ada), w.register(ada)
	sentBefore, answered := w.askFor(ada, "sent before"), w.askFor(ada, "answered")
	w.askFor(ada, "never sent")
	w.attempt(w.pushes(sentBefore)[0].ID, "")
	w.mustAnswer(other, answered, evidence.Denied)

	fresh := w.readPushes(p, nil)
	w.same("a stream that knows nothing", w.next(fresh), []string{"never sent"})
	w.same("the same stream again", w.next(fresh), []string(nil))
	w.askFor(ada, "new")
	w.same("the same stream after a new request", w.next(fresh), []string{"new"})

	zero, beyond := int64(0), int64(1<<62)
	w.same("a stream from the beginning", w.next(w.readPushes(p, &zero)), []string{"sent before", "never sent", "new"})
	w.same("a stream of another database", w.next(w.readPushes(p, &beyond)), []string{"never sent", "new"})
	seen := w.pushes(sentBefore)[0].ID
	w.same("a stream that goes on", w.next(w.readPushes(p, &seen)), []string{"never sent", "new"})
}

func TestStreamOfADeviceThatChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	reader := w.readPushes(p, nil)
	w.askFor(ada, "one")
	for _, target := range []onetouch.PushTarget{byWebhook, byNobody} {
		if _, err := w.SetPush(t.Context(), p.Device, target); err != nil {
			t.Fatal(err)
		}
		w.same("pushes for a device that wants no stream", w.next(reader), []string(nil))
	}
	if _, err := w.SetPush(t.Context(), p.Device, byStream); err != nil {
		t.Fatal(err)
	}
	w.same("pushes for a device that wants its stream again", w.next(reader), []string{"one"})
	if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err := reader.Next(t.Context())
	w.refused("the stream of a removed device", err, onetouch.CodeAccessTokenInvalid)
}

func TestStreamOfMoreThanOneBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	for range 120 {
		w.askFor(ada, "many")
	}
	zero := int64(0)
	for what, lastSeen := range map[string]*int64{"never sent": nil, "from the beginning": &zero} {
		if got := len(w.next(w.readPushes(p, lastSeen))); got != 120 {
			t.Errorf("%s: %d pushes, want 120", what, got)
		}
	}
}

func TestDeviceCanBeRenamedAndPushedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.register(w.addUser("202-555-0158"))
	if _, err := w.RenameDevice(t.Context(), p.Device, "Ada's iPad"); err != nil {
		t.Fatal(err)
	}
	got, err := w.SetPush(t.Context(), p.Device, byWebhook)
	if err != nil {
		t.Fatal(err)
	}
	want := p.Device
	want.Name, want.Push = "Ada's iPad", byWebhook
	w.same("device", got, want)
	w.changesNothing("refusals", func() {
		_, err := w.RenameDevice(t.Context(), p.Device, " ")
		w.refused("blank name", err, onetouch.CodeInvalidParameter)
		_, err = w.SetPush(t.Context(), p.Device, onetouch.PushTarget{Type: "pigeon"})
		w.refused("unknown push", err, onetouch.CodePushPlatformUnknown)
		_, err = w.SetPush(t.Context(), p.Device, onetouch.PushTarget{Type: onetouch.PushWebhook, URL: "nowhere"})
		w.refused("webhook without a URL", err, onetouch.CodeInvalidParameter)
	})
}

func TestRemovedDeviceCanDoNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.register(w.addUser("202-555-0158"))
	w.clock.Advance(time.Minute)
	if err := w.UnregisterDevice(t.Context(), p.Device); err != nil {
		t.Fatal(err)
	}
	want := p.Device
	want.RemovedAt = w.clock.Now()
	w.same("all devices", w.everything().Devices, []onetouch.Device{want})
	left, err := w.Devices(t.Context(), onetouch.DeviceFilter{})
	if err != nil || len(left) != 0 {
		t.Errorf("registered are %v (%v)", left, err)
	}
	w.changesNothing("removed device", func() {
		ctx := t.Context()
		_, authErr := w.AuthenticateDevice(ctx, p.AccessToken)
		_, nameErr := w.RenameDevice(ctx, p.Device, "Zombie")
		_, pushErr := w.SetPush(ctx, p.Device, byWebhook)
		for what, err := range map[string]error{
			"access token": authErr, "new name": nameErr, "push": pushErr, "second removal": w.UnregisterDevice(ctx, p.Device),
		} {
			w.refused(what, err, onetouch.CodeAccessTokenInvalid)
		}
		w.refused("removal by the backend", w.RemoveDevice(ctx, w.app.ID, p.ID), onetouch.CodeDeviceNotFound)
	})
	_, err = w.AuthenticateDevice(t.Context(), "")
	w.refused("no access token", err, onetouch.CodeAccessTokenInvalid)
}

// A push that the backend sends by itself is known from its device: once, however often it comes.
func TestPushOfTheBackendIsWrittenDownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend})
	ada := w.addUser("202-555-0158")
	target := onetouch.PushTarget{Type: onetouch.PushNone, Token: "t", URL: "http://127.0.0.1:9/push"}
	p, second := w.register(ada, target), w.register(ada, byStream)
	asked := w.ask(ada, question())
	w.clock.Advance(time.Second)
	for _, one := range []phone{p, second, p, p} {
		if err := w.PushReceived(t.Context(), one.Device, asked.UUID); err != nil {
			t.Fatal(err)
		}
	}
	got := w.pushes(asked)
	if len(got) != 2 {
		t.Fatalf("got %+v, want a push for each device", got)
	}
	want := onetouch.Delivery{
		ID: got[0].ID, AppID: w.app.ID, Kind: onetouch.DeliveryPush, RequestUUID: asked.UUID, DeviceID: p.ID,
		Method: onetouch.SentByBackend, URL: target.URL, State: onetouch.DeliverySent, CreatedAt: w.clock.Now(),
		FinishedAt: w.clock.Now(),
	}
	w.same("push", got[0], want)
	record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
	if err != nil || !record.Request.Notified {
		t.Errorf("the request is not notified: %+v, %v", record.Request, err)
	}
	messages, err := w.Messages(t.Context(), onetouch.MessageFilter{Channel: onetouch.ChannelPush})
	if err != nil || len(messages) != 2 || messages[1].Body != asked.Message || messages[1].To != p.UUID {
		t.Errorf("in the inbox are %+v, %v", messages, err)
	}
	zero := int64(0)
	w.same("the stream", w.next(w.readPushes(second, &zero)), []string(nil)) // which was never owed it
}

func TestPushOfTheBackendThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend})
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	p, removed := w.register(ada), w.register(ada)
	ofBob, ofAda := w.ask(bob, question()), w.ask(ada, question())
	if err := w.RemoveDevice(t.Context(), w.app.ID, removed.ID); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("refusals", func() {
		ctx := t.Context()
		w.refused("of another user", w.PushReceived(ctx, p.Device, ofBob.UUID), onetouch.CodeApprovalRequestNotFound)
		w.refused("unknown", w.PushReceived(ctx, p.Device, "x"), onetouch.CodeApprovalRequestNotFound)
		w.refused("removed device", w.PushReceived(ctx, removed.Device, ofAda.UUID), onetouch.CodeAccessTokenInvalid)
	})
}

// A push that was on its way when all was replaced is none any more, and its stream ends.
func TestPushesThatLeaveAfterAReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	reader := w.readPushes(w.register(ada, byStream), nil)
	w.askFor(ada, "Pay?")
	pushes, _, err := reader.Next(t.Context())
	if err != nil || len(pushes) != 1 {
		t.Fatalf("got %+v, %v, want a push", pushes, err)
	}
	if err := w.Reset(t.Context(), false, onetouch.ApplicationSettings{}); err != nil {
		t.Fatal(err)
	}
	if err := reader.Sent(t.Context(), pushes, w.clock.Now()); !errors.Is(err, onetouch.ErrReplaced) {
		t.Errorf("got %v, want ErrReplaced", err)
	}
}
