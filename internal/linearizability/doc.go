// Package linearizability holds no code, only tests: what several clients see of an approval request while others answer it,
// remove its devices and user, or let its time pass, has to be what they could have seen one after the other.
package linearizability
