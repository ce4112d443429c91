package authywire

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// AccountSID is the account in the answers about webhooks: "AC" and 32 hexadecimal digits. The same account has the same.
func AccountSID(a onetouch.Application) string { return fmt.Sprintf("AC%032x", a.CustomerUUID) }

// MessageSID names the message in answers: two letters for its channel and 32 hexadecimal digits. Source of the form: the
// email_id of authy-ruby's specs, and the names of messages and calls of the vendor's other services.
func MessageSID(m onetouch.Message) string {
	prefix := map[onetouch.Channel]string{
		onetouch.ChannelSMS: "SM", onetouch.ChannelCall: "CA", onetouch.ChannelEmail: "EM", onetouch.ChannelPush: "PN",
	}
	return fmt.Sprintf("%s%032x", prefix[m.Channel], m.ID)
}
