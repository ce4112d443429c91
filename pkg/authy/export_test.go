package authy

// Kinds is what errors.Is can tell apart, by error code.
func Kinds() map[string]error { return kinds() }
