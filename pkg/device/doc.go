// Package device is a simulated OneTouch device: what an app with the TwilioAuth SDK does, in Go, and in the SDK's words.
//
// [Register] trades the registration token that a backend has asked for into a [Device] with a key pair of its own.
// [Device.Pushes] hears of approval requests, [Device.ApprovalRequest] fetches one with all that its user has to see, and
// [Device.Approve] or [Device.Deny] answers it: with a signature over exactly what was fetched, by a key that never leaves
// the device. A [Store] keeps devices over restarts.
//
// Who knows the SDK finds its calls under these names:
//
//	registerDevice(registrationToken, pushToken?)   Register, with Registration.Token and perhaps Registration.Push.Token
//	isDeviceRegistered()                            Device.Registered; Store.Load for what is known here
//	getDeviceId()                                   Device.ID, Device.UUID
//	setPushToken(token)                             Device.SetPush
//	getApprovalRequests(statuses, timeInterval)     Device.ApprovalRequestLists, Device.ApprovalRequests
//	getRequest(uuid)                                Device.ApprovalRequest
//	approveRequest(request), denyRequest(request)   Device.Approve, Device.Deny
//	getTOTP(callback)                               Device.OneTimeCode; OneTimeCodes for several applications
//	clearLocalData()                                Store.Clear, Store.Remove
//
// A backend that sends pushes by itself reaches a device through a [PushEndpoint].
//
// The protocol is the project's device API, version 1; docs/device-api.md describes it. Text that comes from a server
// is handed over as it is: show it to a terminal only after making control characters harmless.
package device
