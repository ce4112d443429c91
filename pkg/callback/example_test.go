package callback_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

const examplePayload = `{"authy_id":1000,"device_uuid":"5e2f0f1c-6f0d-4a35-9d1c-7d1f0f6b1f11",
	"callback_action":"approval_request_status","uuid":"996201c0-bffc-0135-d7be-1285ca17e122","status":"approved",
	"approval_request":{"transaction":{"details":{"Amount":"$12,400"},"message":"Send $12,400 to ACME?"}}}`

// now is a nonce as the service writes it.
func now() string { return strconv.FormatInt(time.Now().Unix(), 10) }

// A handler that gets verified callbacks only, and a test of it with a callback as the service would send it.
func ExampleHandler() {
	verifier := &callback.Verifier{APIKey: "the application's API key"}
	mux := http.NewServeMux()
	mux.Handle("/authy/callback", callback.Handler(verifier, func(_ context.Context, c *callback.Callback) error {
		fmt.Printf("user %d said %s to %q\n", c.AuthyID, c.Status, c.Message)
		return nil
	}))
	backend := httptest.NewServer(mux)
	defer backend.Close()

	for _, method := range []string{http.MethodPost, http.MethodGet} {
		request, err := callback.NewRequest(context.Background(), "the application's API key", now(), method,
			backend.URL+"/authy/callback", []byte(examplePayload))
		if err != nil {
			fmt.Println(err)
			return
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(method, response.Status, response.Body.Close())
	}
	// Output:
	// user 1000 said approved to "Send $12,400 to ACME?"
	// POST 200 OK <nil>
	// user 1000 said approved to "Send $12,400 to ACME?"
	// GET 200 OK <nil>
}

// Middleware suits handlers and routers that answer by themselves. The public URL is given because a proxy ends TLS.
func ExampleVerifier_Middleware() {
	verifier := &callback.Verifier{APIKey: "the application's API key", URL: "https://bank.example/authy/callback"}
	handler := verifier.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := callback.FromContext(r.Context()); ok && c.Approved() {
			fmt.Println("pay", c.Details["Amount"])
		}
		w.WriteHeader(http.StatusNoContent)
	}))

	request, err := callback.NewRequest(context.Background(), "the application's API key", now(), http.MethodPost,
		"https://bank.example/authy/callback", []byte(examplePayload))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.URL.Scheme, request.URL.Host = "http", "10.0.0.7:8080" // as the proxy passes it on
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	fmt.Println(answer.Code)
	// Output:
	// pay $12,400
	// 204
}

// A router takes the verifier as its middleware, for all methods or for one.
func ExampleVerifier_Middleware_router() {
	verifier := &callback.Verifier{APIKey: "the application's API key"}
	router := chi.NewRouter()
	router.With(verifier.Middleware).Post("/authy/callback", func(_ http.ResponseWriter, r *http.Request) {
		if c, ok := callback.FromContext(r.Context()); ok {
			fmt.Println(c.UUID, c.Status)
		}
	})
	backend := httptest.NewServer(router)
	defer backend.Close()

	nonce := now()
	for range 2 { // the second is a copy: nothing is done for it
		request, err := callback.NewRequest(context.Background(), "the application's API key", nonce, http.MethodPost,
			backend.URL+"/authy/callback", []byte(examplePayload))
		if err != nil {
			fmt.Println(err)
			return
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(response.Status, response.Body.Close())
	}
	// Output:
	// 996201c0-bffc-0135-d7be-1285ca17e122 approved
	// 200 OK <nil>
	// 200 OK <nil>
}

// Verify alone is for frameworks with handlers of their own kind. Here somebody has turned a no into a yes.
func ExampleVerifier_Verify() {
	verifier := &callback.Verifier{APIKey: "the application's API key"}
	denied := []byte(strings.Replace(examplePayload, `"approved"`, `"denied"`, 1))
	request, err := callback.NewRequest(context.Background(), "the application's API key", now(), http.MethodPost,
		"http://localhost:3000/authy/callback", denied)
	if err != nil {
		fmt.Println(err)
		return
	}
	forged := httptest.NewRequest(request.Method, request.URL.String(), bytes.NewReader([]byte(examplePayload)))
	forged.Header = request.Header

	_, err = verifier.Verify(forged)
	fmt.Println(err)
	// Output:
	// signature is invalid: not made by this API key for POST http://localhost:3000/authy/callback, or the callback was changed since
}

func ExampleSign() {
	payload := []byte(`{"foo":{"bar":{"biz":"foo bar"}},"qux":"net"}`)
	text, err := callback.StringToSign("1455825429", "POST", "https://foo.bar/", payload)
	fmt.Println(text, err)
	signature, err := callback.Sign("foo", "1455825429", "POST", "https://foo.bar/", payload)
	fmt.Println(signature, err)
	// Output:
	// 1455825429|POST|https://foo.bar/|foo%5Bbar%5D%5Bbiz%5D=foo+bar&qux=net <nil>
	// +fyGys+d5yNJx9SpeKZdf+N77od1t1cC/fVSWDW2+kY= <nil>
}

func ExampleQuery() {
	query, err := callback.Query([]byte(`{"status":"approved","logos":[{"res":"default"}],"details":null,"device":{}}`))
	fmt.Println(query, err)
	// Output:
	// status=approved&logos%5B0%5D%5Bres%5D=default&details= <nil>
}

// A backend behind a tunnel sees http where the service signed https, and refuses every callback. Explain says why.
func ExampleExplain() {
	explanation, err := callback.Explain(callback.Received{
		Method: "POST", URL: "http://foo.bar/", Payload: []byte(`{"qux": "net", "foo": {"bar": {"biz": "foo"}}}`),
		Nonce: "1455825429", Signature: "uq/wB8AR1Acvn0wFcjm7mmBJyR11nuuMhMy6semsAO8=", APIKeys: []string{"foo"},
	})
	fmt.Println(explanation.Valid, err)
	for _, mistake := range explanation.Mistakes {
		fmt.Println(mistake.Text)
	}
	fmt.Println(explanation.Expected)
	fmt.Println(explanation.Other)
	// Output:
	// false <nil>
	// signed for https, but checked for http: does a proxy end TLS before the receiver?
	// 1455825429|POST|http://foo.bar/|foo%5Bbar%5D%5Bbiz%5D=foo&qux=net
	// 1455825429|POST|https://foo.bar/|foo%5Bbar%5D%5Bbiz%5D=foo&qux=net
}
