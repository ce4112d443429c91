// Package onetouch is the domain: what OneTouch is, whoever speaks to it and wherever it is kept.
//
// A backend owns an [Application]. It adds a [User], known from then on by an Authy ID, and asks for a
// [Registration]: a token that the user's app trades for a [Device] with an access token. When something needs
// the user's consent the backend creates an [ApprovalRequest]; the service owes each device a push and, once one of
// them has answered with its signature, owes the backend a callback. What is owed is a [Delivery]; what happened is an
// [Event].
//
// Users without the app get a [OneTimePassword] by text, call or e-mail; those with it read one off a device or an
// [Authenticator]. A phone that need not be a user's is proven by a [PhoneVerification]. What would leave the building is a
// [Message] in the inbox. A [Webhook] is told of events.
//
// [Service] holds every rule. It reaches the outside only through ports: [Store], [Clock] and [Numbering]. Each change, its
// event and the deliveries it owes are written in one transaction, so a crash at any instant loses none of them.
// Adapters (HTTP, SQL, terminal) translate to and from this package and decide nothing.
package onetouch
