package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// retain removes what has ended so long ago that it is not kept any more, until ctx ends.
func (s *Server) retain(ctx context.Context) error {
	return s.service.RunRetention(ctx, s.options.Keep, func(before time.Time, removed onetouch.Removed) {
		s.traffic.Forget(before)
		s.metrics.Removed(removed)
		if removed == (onetouch.Removed{}) {
			return
		}
		s.log.LogAttrs(ctx, slog.LevelInfo, "what has ended long ago was removed",
			slog.Time("before", before), slog.Int("approval_requests", removed.Requests),
			slog.Int("deliveries", removed.Deliveries), slog.Int("events", removed.Events),
			slog.Int("one_time_passwords", removed.Passwords), slog.Int("phone_verifications", removed.Verifications),
			slog.Int("activities", removed.Activities))
	})
}
