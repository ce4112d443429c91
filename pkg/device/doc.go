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
// The protocol is the project's device API, version 1; docs/device-api.md describes it.
//
// A device can be a push factor of Twilio's Verify API instead, and is a [Device] like any other then: [RegisterFactor] makes
// one with the access token that a backend has asked for. What it calls is the Verify API's, signed as twilio-verify-android
// signs it; only its pushes come by the event stream of the device API, which stands for FCM and APNs. The names there:
//
//	createFactor(payload), verifyFactor(payload)    RegisterFactor, or CreateFactor and Device.VerifyFactor
//	updateFactor(payload)                           Device.SetPush, Device.Rename
//	deleteFactor(sid)                               Device.Unregister
//	getAllChallenges(payload)                       Device.ApprovalRequests
//	getChallenge(challengeSid, factorSid)           Device.ApprovalRequest
//	updateChallenge(payload)                        Device.Approve, Device.Deny
//	clearLocalStorage()                             Store.Clear
//
// What the Verify API has no counterpart of is refused with [ErrNoCounterpart]: reasons, one-time codes, pushes by a backend.
//
// Text that comes from a server is handed over as it is: show it to a terminal only after making control characters harmless.
package device
