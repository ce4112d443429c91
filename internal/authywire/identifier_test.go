package authywire_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestSIDs(t *testing.T) {
	t.Parallel()
	for channel, want := range map[onetouch.Channel]string{
		onetouch.ChannelSMS:   "SM0000000000000000000000000000002a",
		onetouch.ChannelCall:  "CA0000000000000000000000000000002a",
		onetouch.ChannelEmail: "EM0000000000000000000000000000002a",
		onetouch.ChannelPush:  "PN0000000000000000000000000000002a",
	} {
		if got := authywire.MessageSID(onetouch.Message{ID: 42, Channel: channel}); got != want {
			t.Errorf("%s: got %s, want %s", channel, got, want)
		}
	}
	const want = "AC0000000000000000000000000000002a"
	if got := authywire.AccountSID(onetouch.Application{CustomerUUID: 42}); got != want {
		t.Errorf("account: got %s, want %s", got, want)
	}
}
