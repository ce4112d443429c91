package authyapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

func (s *service) addFault(t testing.TB, r fault.Rule) {
	t.Helper()
	_, err := s.faults.Add(r)
	must(t, err)
}

// Every code of the table can be the answer of the next call, in both formats, and nothing is done then.
func TestEveryCodeByName(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := fmt.Sprintf("/onetouch/%%s/users/%d/approval_requests", s.addUser(t))
	before := s.lastEvent(t)
	for _, row := range codes.Table() {
		s.addFault(t, fault.Rule{Match: "POST /onetouch/*", Error: row.Number, Times: 2})
		a := s.post(t, fmt.Sprintf(path, "json"), url.Values{"message": {"m"}})
		a.mustRefuse(t, row.Status, row.Number, row.Message)
		x := s.post(t, fmt.Sprintf(path, "xml"), url.Values{"message": {"m"}})
		var want map[string]any
		must(t, json.Unmarshal([]byte(a.body), &want))
		if got := fromXML(t, x.body); x.status != row.Status || !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s in XML is %s", row.Number, x)
		}
	}
	if s.lastEvent(t) != before {
		t.Error("a call that was to fail did something")
	}
	uuidOf(t, s.post(t, fmt.Sprintf(path, "json"), url.Values{"message": {"m"}}))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	status := fmt.Sprintf("/protected/json/users/%d/status", id)
	s.addFault(t, fault.Rule{Match: "GET /protected/*/status", Error: "60000", Status: 503, Times: 1})
	s.get(t, strings.Replace(status, "json", "yaml", 1)).mustRefuse(t, 404, "60002", `Unknown format "yaml": use json or xml`)
	s.post(t, "/protected/json/users/new", userOf("a@b.co", "3055551117", "1"))
	s.get(t, status).mustRefuse(t, 503, "60000", "Internal error. Nothing was changed.")
	if a := s.get(t, status); a.status != 200 {
		t.Errorf("the fault outlives its time: %s", a)
	}
	s.addFault(t, fault.Rule{Match: "/protected/*", Error: "60020"})
	for range 3 { // even a stranger's call: that the key is wrong may be the fault
		s.do(t, "GET", status, nil, nil).mustBe(t, 401, `{"message":"Token is invalid","token":"is invalid","success":false,`+
			`"errors":{"message":"Token is invalid"},"error_code":"60020"}`)
	}
	s.faults.Clear()
	s.addFault(t, fault.Rule{Match: "/qr_codes/*", Error: "60122", Status: 503})
	s.do(t, "GET", "/qr_codes/x.png", nil, nil).mustRefuse(t, 503, "60122", "QR code could not be generated")
	if log := s.log.String(); log != "" {
		t.Errorf("the log is %q", log)
	}
}
