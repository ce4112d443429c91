package localca

// LocalNames is what a host of that name is called.
func LocalNames(hostname string) []string { return localNames(hostname) }
