// Package verifywire writes what the Verify API says, whoever sends it: SIDs, dates, pushes and events for webhooks. It
// translates and decides nothing.
package verifywire
