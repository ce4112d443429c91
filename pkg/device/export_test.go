package device

import "time"

// MaxSilence is how long a stream may say nothing before it is given up.
func MaxSilence(d time.Duration) StreamOption { return func(l *listener) { l.maxSilence = d } }
