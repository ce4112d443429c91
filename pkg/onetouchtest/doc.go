// Package onetouchtest runs a OneTouch server inside a Go test, with users, their phones, and the callbacks that follow, so
// that a backend is tested against answers that are really given:
//
//	func TestTransferIsApproved(t *testing.T) {
//		srv := onetouchtest.New(t)
//		user := srv.NewUser()
//		user.NewDevice(`number(details["Amount"]) > 10000 = deny`, "approve")
//		bank := NewBank(srv.URL, srv.APIKey) // what is tested
//
//		uuid := bank.Transfer(user.AuthyID, 12_400)
//
//		if srv.WaitCallback(uuid).Approved() {
//			t.Error("a large transfer is approved")
//		}
//	}
//
// A backend that speaks Twilio's Verify API is tested likewise: see [Server.Verify] and [User.NewFactor].
//
// A server is ready in milliseconds, has a database of its own in memory and shares nothing with another: tests may be
// parallel. When its test ends all that belongs to it ends too, before the test is over. When the test has failed
// it logs the story so far: the calls, each approval request with what happened to it, and every attempt of a callback.
//
// Nothing here sleeps. What waits does so for events, as long as the test's own deadline leaves time, and a minute at most;
// then, as after any wrong use, the test fails at the line of the call. As with [testing.TB.Fatalf], methods that can fail a
// test are to be called from the goroutine that runs it.
package onetouchtest
