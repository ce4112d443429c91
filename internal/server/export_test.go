package server

import "time"

// GuessesAt has the limit of wrong credentials go by a clock of a test's own. It is told before anybody calls.
func (s *Server) GuessesAt(now func() time.Time) { s.guesses.now = now }
