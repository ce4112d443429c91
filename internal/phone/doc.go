// Package phone lets simulated phones react: they hear of approval requests, decide by a policy, wait as long as it says, and
// answer. A [Phone] is one of them; a [Host] runs those of a device store that have a policy of their own.
package phone
