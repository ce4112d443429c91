package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// control is what the screen asks of a server; [controlapi.Client] is it.
type control interface {
	Server(context.Context) (controlapi.Server, error)
	Users(ctx context.Context, appID string) ([]controlapi.User, error)
	Devices(ctx context.Context, authyID int64) ([]controlapi.Device, error)
	ApprovalRequests(context.Context, controlapi.ApprovalRequestQuery) ([]controlapi.ApprovalRequest, error)
	ApprovalRequest(ctx context.Context, uuid string) (controlapi.ApprovalRequest, error)
	Deliveries(context.Context, string, onetouch.DeliveryKind) ([]controlapi.Delivery, error)
	FindDeliveries(context.Context, controlapi.DeliveryQuery) ([]controlapi.Delivery, error)
	Delivery(ctx context.Context, id int64) (controlapi.Delivery, error)
	Replay(ctx context.Context, id int64, how controlapi.Replay) (controlapi.Delivery, error)
	Evidence(ctx context.Context, uuid string) (*evidence.Record, error)
	Calls(context.Context, controlapi.CallQuery) ([]controlapi.Call, error)
	FollowCalls(ctx context.Context, q controlapi.CallQuery, ready func(), hear func(controlapi.Call) error) error
	AdvanceClock(ctx context.Context, by time.Duration) (controlapi.Clock, error)
	SetClock(ctx context.Context, to time.Time) (controlapi.Clock, error)
	AddFault(context.Context, controlapi.Fault) (controlapi.Fault, error)
	Messages(context.Context, controlapi.MessageQuery) ([]controlapi.Message, error)
	Follow(ctx context.Context, after int64, ready func(), hear func(controlapi.Event) error) error
}

// remote is the server, and the phones that can answer it. What is asked of them takes time, so that is a command.
type remote struct {
	control control
	phones  func(context.Context) ([]phone, error)
	work    *work
}

// patience is how long the server may take for one answer.
const patience = 10 * time.Second

// ask makes a command of a call that gets an answer within [patience].
func (r *remote) ask(call func(context.Context) tea.Msg) tea.Cmd {
	return r.work.command(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return call(ctx)
	})
}
