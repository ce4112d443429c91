package onetouch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What is wrong with a change of a factor leaves all of the factor as it was.
func TestUpdateFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	factor := w.registerFactor(ada)
	for name, change := range map[string]onetouch.FactorChange{
		"short token": {FriendlyName: "Another", Token: "short"}, "platform": {SDKVersion: "2.0", Platform: "pigeon"},
		"long name": {FriendlyName: strings.Repeat("x", 65)},
	} {
		w.changesNothing(name, func() {
			w.clock.Advance(time.Minute)
			_, err := w.UpdateFactor(t.Context(), factor.Device, change)
			w.refused(name, err, onetouch.CodeInvalidParameter)
		})
	}
	w.clock.Advance(time.Minute)
	updated, err := w.UpdateFactor(t.Context(), factor.Device, onetouch.FactorChange{Platform: "apn", SDKVersion: "2.0"})
	if err != nil || updated.Platform != "ios" || updated.AppVersion != "2.0" || updated.Name != factor.Name ||
		!updated.UpdatedAt.Equal(w.clock.Now()) || updated.Push.Token != factor.Push.Token {
		t.Errorf("updated: %+v, %v", updated, err)
	}
}
