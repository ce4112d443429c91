package delivery_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// For a receiver that was written after authy-java the parameters are sorted by their bare names. Everybody else's signature
// is another as soon as the orders differ.
func TestDecodedOrder(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var w *world
			backend := newReceiver(t, &w, nil)
			w = newWorld(t, backend.URL+"/cb", method)
			w.app = must(w.service.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{
				CallbackFormSettings: onetouch.CallbackFormSettings{CallbackOrder: onetouch.OrderDecoded},
			}))(t)
			w.run(t, delivery.Options{})
			request := must(w.service.CreateApprovalRequest(t.Context(), w.app, w.user.AuthyID, onetouch.NewApprovalRequest{
				Message: "Pay?", Details: details.List{{Name: "Account", Value: "1"}, {Name: "Account Number", Value: "2"}},
			}))(t)
			w.answer(t, request, onetouch.StatusApproved)
			got := backend.next(t)
			if got.err == nil {
				t.Error("the signature is the usual one")
			}
			if want := javaSignature(t, w, got); got.Header.Get(callback.SignatureHeader) != want {
				t.Errorf("got %s, want %s", got.Header.Get(callback.SignatureHeader), want)
			}
			w.wait(t, request, is(onetouch.DeliverySent))
		})
	}
}

// javaSignature is what authy-java expects, in its own way: the tree is flattened into a sorted map of bare names.
func javaSignature(t *testing.T, w *world, got received) string {
	t.Helper()
	values := map[string]string{}
	if got.Method == http.MethodGet {
		for name, value := range must(url.ParseQuery(got.URL.RawQuery))(t) {
			values[name] = value[0]
		}
	} else {
		var tree map[string]any
		decoder := json.NewDecoder(strings.NewReader(string(got.body)))
		decoder.UseNumber()
		if err := decoder.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		flattenBare(values, "", tree)
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var pairs []string
	for _, name := range names {
		bare := strings.NewReplacer("[0]", "[]", "[1]", "[]").Replace(name)
		pairs = append(pairs, url.QueryEscape(bare)+"="+url.QueryEscape(values[name]))
	}
	mac := hmac.New(sha256.New, []byte(w.app.APIKey))
	mac.Write([]byte(got.Header.Get(callback.NonceHeader) + "|" + got.Method + "|http://" + got.Host + "/cb|" + strings.Join(pairs, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func flattenBare(values map[string]string, path string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			if path != "" {
				name = path + "[" + name + "]"
			}
			flattenBare(values, name, value)
		}
	case []any:
		for _, value := range tree { // there is one in a callback, with one item
			flattenBare(values, path+"[0]", value)
		}
	case nil:
		values[path] = ""
	case bool:
		values[path] = map[bool]string{true: "true", false: "false"}[tree]
	case json.Number:
		values[path] = tree.String()
	case string:
		values[path] = tree
	}
}
