// Command login is a small backend that lets a user in once they have approved it on their phone:
//
//	POST /login            email, cellphone: adds the user and asks; {"uuid":"…","authy_id":…}
//	GET  /login/{uuid}     waits for the answer, half a minute at most; {"status":"approved"}
//	POST /callback         takes the service's callbacks
//
// It keeps logins in memory, and asks nobody for a password: a real one does neither.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

func main() {
	key := os.Getenv("AUTHY_API_KEY")
	backend := &backend{
		authy:  authy.New(key, authy.WithBaseURL(cmp.Or(os.Getenv("AUTHY_API_URL"), "https://api.authy.com"))),
		logins: map[string]*login{},
	}
	// CALLBACK_URL is what the service was told, so that a callback for somebody else is refused.
	verifier := &callback.Verifier{APIKey: key, URL: os.Getenv("CALLBACK_URL"), Method: http.MethodPost}
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", cmp.Or(os.Getenv("LISTEN"), "127.0.0.1:3000"))
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on http://%s", listener.Addr())
	server := &http.Server{Handler: backend.routes(verifier), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

type backend struct {
	authy *authy.Client

	mu     sync.Mutex
	logins map[string]*login // by the UUID of the approval request
}

// login is one attempt to log in.
type login struct {
	answered chan struct{} // closed when status is the user's answer
	status   approval.Status
}

func (b *backend) routes(verifier *callback.Verifier) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", b.ask)
	mux.HandleFunc("GET /login/{uuid}", b.wait)
	mux.Handle("POST /callback", callback.Handler(verifier, b.answered))
	return mux
}

func (b *backend) ask(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	// The same e-mail and number give the same Authy ID, so that nothing has to be remembered.
	user, err := b.authy.CreateUser(ctx, authy.NewUser{Email: r.FormValue("email"), Cellphone: r.FormValue("cellphone")})
	if err != nil {
		refuse(w, err)
		return
	}
	twoMinutes := int64(120)
	uuid, err := b.authy.CreateApprovalRequest(ctx, user, authy.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &twoMinutes})
	if err != nil {
		refuse(w, err)
		return
	}
	b.login(uuid)
	answer(w, map[string]any{"uuid": uuid, "authy_id": user})
}

// login returns the login, new when nobody has asked before: a quick user's callback may be here before the service has
// told the UUID.
func (b *backend) login(uuid string) *login {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.logins[uuid] == nil {
		b.logins[uuid] = &login{answered: make(chan struct{}), status: approval.Pending}
	}
	return b.logins[uuid]
}

// answered takes a verified callback. One that comes twice changes nothing.
func (b *backend) answered(_ context.Context, c *callback.Callback) error {
	login := b.login(c.UUID)
	b.mu.Lock()
	defer b.mu.Unlock()
	if login.status == approval.Pending {
		login.status = approval.Denied
		if c.Approved() {
			login.status = approval.Approved
		}
		close(login.answered)
	}
	return nil
}

func (b *backend) wait(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	login := b.logins[r.PathValue("uuid")]
	b.mu.Unlock()
	if login == nil {
		http.Error(w, "there is no such login", http.StatusNotFound)
		return
	}
	ctx, stop := context.WithTimeout(r.Context(), 30*time.Second)
	defer stop()
	select {
	case <-login.answered:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	answer(w, map[string]any{"status": login.status})
}

func refuse(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "Sorry, this did not work", http.StatusBadGateway)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answering: %v", err)
	}
}
