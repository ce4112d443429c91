package cli

import "context"

// printRegistration asks for a registration token, as the backend does, and hands it to whoever scans or reads it.
func (c *Connection) printRegistration(ctx context.Context, o *deviceRegisterOptions) error {
	token, err := c.Backend.StartRegistration(ctx, o.authyID)
	if err != nil {
		return orUnknownUser(err, o.authyID)
	}
	if o.answer.quiet {
		return writeLines(o.streams, token)
	}
	return writeQR(o.streams, token)
}
