package details_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/details"
)

func transfer() details.List {
	return details.List{{Name: "To", Value: "ACME"}, {Name: "Account Number", Value: "981266321"}, {Name: "Amount", Value: "$12,400"}}
}

func TestGet(t *testing.T) {
	t.Parallel()
	list := transfer()
	for name, want := range map[string]string{"To": "ACME", "Amount": "$12,400", "to": "", "Account": "", "": ""} {
		if got := list.Get(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	var list details.List
	for _, d := range transfer() {
		list.Set(d.Name, d.Value)
	}
	if !reflect.DeepEqual(list, transfer()) {
		t.Errorf("got %v", list)
	}
	list.Set("Account Number", "1")
	list.Set("Note", "")
	want := details.List{{Name: "To", Value: "ACME"}, {Name: "Account Number", Value: "1"}, {Name: "Amount", Value: "$12,400"}, {Name: "Note"}}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("got %v", list)
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	if got := transfer().Map(); !maps.Equal(got, map[string]string{"To": "ACME", "Account Number": "981266321", "Amount": "$12,400"}) {
		t.Errorf("got %v", got)
	}
	if got := details.List(nil).Map(); got == nil || len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestMarshalJSON(t *testing.T) {
	t.Parallel()
	for want, list := range map[string]details.List{
		`{}`: nil,
		`{"To":"ACME","Account Number":"981266321","Amount":"$12,400"}`: transfer(),
		`{"<&>":"<&>","ñ":"🚀","\"\\":"\n\u0000"}`:                       {{Name: "<&>", Value: "<&>"}, {Name: "ñ", Value: "🚀"}, {Name: "\"\\", Value: "\n\x00"}},
		`{"":""}`: {{}},
	} {
		if got, err := list.MarshalJSON(); string(got) != want || err != nil {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	if got, err := json.Marshal(struct{ D details.List }{}); string(got) != `{"D":{}}` || err != nil {
		t.Errorf("within an object it is %s, %v", got, err)
	}
}

func TestUnmarshalJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]details.List{
		`null`: nil,
		`{}`:   {},
		`{ "To" : "ACME" , "Account Number":"981266321","Amount":"$12,400" }`: transfer(),
		`{"b":"1","a":"2","b":"3"}`: {{Name: "b", Value: "3"}, {Name: "a", Value: "2"}},
		`{"\u00f1":"\ud83d\ude80"}`: {{Name: "ñ", Value: "🚀"}},
	} {
		list := details.List{{Name: "old", Value: "old"}}
		if err := json.Unmarshal([]byte(text), &list); err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%s is %v, %v", text, list, err)
		}
	}
}

func TestUnmarshalJSONRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":1}`:        `the value of detail "a" must be a string`,
		`{"a":null}`:     `the value of detail "a" must be a string`,
		`{"a":{"b":""}}`: `the value of detail "a" must be a string`,
		`{"a":["b"]}`:    `the value of detail "a" must be a string`,
		`["a"]`:          `details must be a JSON object of strings`,
		`"a"`:            `details must be a JSON object of strings`,
		`7`:              `details must be a JSON object of strings`,
	} {
		list := transfer()
		if err := json.Unmarshal([]byte(text), &list); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(list, transfer()) {
			t.Errorf("%s changed the list to %v", text, list)
		}
	}
	for _, text := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":"b"`, `{"a":"b",`, `{"a" "b"}`} {
		var list details.List
		if err := list.UnmarshalJSON([]byte(text)); err == nil || list != nil {
			t.Errorf("%q is %v, %v", text, list, err)
		}
	}
}

// What is read can be written and is read as the same.
func FuzzUnmarshalJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `{"a":"b","c":"d","a":"e"}`, `{"a":1}`, `[]`, `{"\ud800":"\uffff"}`, "{\"\xff\":\"\"}", `{"a"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var list, again details.List
		if json.Unmarshal(data, &list) != nil {
			return
		}
		seen := map[string]bool{}
		for _, d := range list {
			if seen[d.Name] || !utf8.ValidString(d.Name) || !utf8.ValidString(d.Value) {
				t.Fatalf("%q is there twice or is no text", d.Name)
			}
			seen[d.Name] = true
		}
		var members map[string]string
		if err := json.Unmarshal(data, &members); err != nil || len(members) != len(list) || len(list) > 0 && !reflect.DeepEqual(members, list.Map()) {
			t.Fatalf("%q is %v, but encoding/json reads %v, %v", data, list, members, err)
		}
		written, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &again); err != nil || len(again) != len(list) || len(list) > 0 && !reflect.DeepEqual(list, again) {
			t.Fatalf("%q is %v, then %v, %v", data, list, again, err)
		}
	})
}

// The order is that of the backend, which is how a phone shows them.
func ExampleList() {
	var list details.List
	list.Set("To", "ACME")
	list.Set("Amount", "$12,400")
	text, err := json.Marshal(list)
	fmt.Println(string(text), err)
	fmt.Println(list.Get("Amount"))
	// Output:
	// {"To":"ACME","Amount":"$12,400"} <nil>
	// $12,400
}
