package authywire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What tells the generations of callbacks apart; see authy-client's tests for 2015, authy-java's for the later ones.
func TestGenerationsOfCallbacks(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	record := onetouch.RequestRecord{
		Application: onetouch.Application{CustomerUUID: 77},
		Request: onetouch.ApprovalRequest{
			UUID: "u", AppID: "a", Status: onetouch.StatusApproved, CreatedAt: at, Answer: onetouch.Answer{SignedAt: at},
		},
		Device: onetouch.Device{ID: 2000001, UUID: "d", RegisteredAt: at},
	}
	type body struct {
		Device      map[string]any
		DeviceUUID  any  `json:"device_uuid"`
		Multidevice *any `json:"multidevice_enabled"`
		Request     struct {
			AppID       *string `json:"app_id"`
			Transaction map[string]any
		} `json:"approval_request"`
	}
	read := func(generation, deviceUUID string) (b body) {
		record.Application.CallbackGeneration, record.Application.CallbackDeviceUUID = generation, deviceUUID
		if err := json.Unmarshal(authywire.AppendJSON(nil, authywire.Callback(record)), &b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	newest, of2017, of2015 := read("", ""), read(onetouch.Callback2017, "number"), read(onetouch.Callback2015, "string")
	if same := read(onetouch.Callback2019, "string"); len(same.Device) != len(newest.Device) || same.DeviceUUID != newest.DeviceUUID {
		t.Errorf("2019 is not the newest: %+v", same)
	}
	if newest.DeviceUUID != "d" || of2017.DeviceUUID != 2000001.0 || of2015.DeviceUUID != "d" {
		t.Errorf("device_uuid is %v, %v, %v", newest.DeviceUUID, of2017.DeviceUUID, of2015.DeviceUUID)
	}
	if newest.Multidevice == nil || of2017.Multidevice != nil || of2017.Device == nil || of2015.Device != nil ||
		newest.Device["enabled_unlock_methods"] == nil || of2017.Device["enabled_unlock_methods"] != nil || of2017.Device["id"] == nil {
		t.Errorf("devices are %v, %v, %v", newest.Device, of2017.Device, of2015.Device)
	}
	if newest.Request.AppID == nil || of2017.Request.AppID == nil || of2015.Request.AppID != nil {
		t.Error("app_id is there since 2017")
	}
	old, later := of2015.Request.Transaction, of2017.Request.Transaction
	if old["customer_uuid"] != "00000000-0000-4000-8000-00000000004d" || later["customer_uuid"] != 77.0 ||
		old["reason"] != nil || later["reason"] != "" || old["device_signing_time"] != 0.0 || later["device_signing_time"] == 0.0 ||
		old["device_details"] != nil || later["device_details"] == nil || old["device_geolocation"] != nil {
		t.Errorf("transactions are %v, %v", old, later)
	}
}
