package onetouch

import "context"

// Reset empties the store: only applications stay, as they are set, or with all none but a new one of the given settings. The
// clock is the machine's again, and the numbers of users and devices begin anew; those of events go on, so that whoever
// follows events misses none, and those of deliveries, of which some may still be on their way.
func (s *Service) Reset(ctx context.Context, all bool, settings ApplicationSettings) error {
	err := s.change(ctx, func(c *change) error {
		c.followed = true
		if err := c.happened(Event{Type: EventReset}); err != nil {
			return err
		}
		if err := c.Clear(all); err != nil {
			return err
		}
		if all {
			_, err := s.createApplication(c, settings)
			return err
		}
		return s.furnishSandboxes(c)
	})
	if err != nil {
		return err
	}
	return s.Restored(ctx)
}

func (s *Service) furnishSandboxes(c *change) error {
	apps, err := c.Applications()
	if err != nil {
		return err
	}
	for _, app := range apps {
		if err := s.furnishSandbox(c, app); err != nil {
			return err
		}
	}
	return nil
}

// Restored is called once the store has other contents, those of a snapshot or none: what was remembered of it is forgotten,
// and everybody looks at it anew.
func (s *Service) Restored(ctx context.Context) error {
	err := s.change(ctx, s.ensureAccount) // a snapshot may be older than accounts
	if err == nil {
		err = s.follow(ctx, true)
	}
	s.signals.WakeAll()
	return err
}
