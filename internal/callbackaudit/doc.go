// Package callbackaudit plays an attacker and a bad network against somebody's handler of callbacks, and reports what the
// handler accepted: [Run]. A case is a file's worth of nothing but what is sent and how the answer is judged; all of them
// are in [Cases].
//
// Whether something was accepted is told by the HTTP status or, better, by a probe: a function that says what the handler
// believes before and after. Without one some cases stay unknown; none passes because nobody looked.
package callbackaudit
