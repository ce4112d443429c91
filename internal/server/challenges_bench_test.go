package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// BenchmarkChallengeList reads pages of fifty challenges of one entity that has so many. What a page takes does not grow with
// their number, nor with how deep the page is: compare p50-µs of the two numbers. It does with the factor that was asked once:
// no index knows of it, so that those of the entity are walked.
func BenchmarkChallengeList(b *testing.B) {
	for _, many := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("challenges=%d", many), func(b *testing.B) { benchmarkChallenges(b, many) })
	}
}

func benchmarkChallenges(b *testing.B, many int) {
	l := newChallengeList(b, many)
	often, rare := "&FactorSid="+l.often, "&FactorSid="+l.rare
	for _, c := range []struct{ name, query string }{
		{"first", "&PageSize=50"}, {"middle", l.middle(b, "")}, {"first-desc", "&Order=desc"}, {"middle-desc", l.middle(b, "&Order=desc")},
		{"pending", "&Status=pending"}, {"expired", "&Status=expired"}, {"factor", often}, {"middle-of-factor", l.middle(b, often)},
		{"rare-factor", rare}, {"rare-factor-desc", rare + "&Order=desc"}, {"rare-factor-approved", rare + "&Status=approved"},
	} {
		b.Run("page="+c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				l.read(b, c.query)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// challengeList is that of an entity with two factors. One of them was asked all the time, the other once in the middle.
type challengeList struct {
	server      *server.Server
	account     onetouch.Account
	path        string
	often, rare string // SIDs
	many        int
}

func newChallengeList(b *testing.B, many int) *challengeList {
	b.Helper()
	ctx, clock := b.Context(), onetouch.NewManualClock(time.Now())
	s, err := server.Open(ctx, server.Options{Database: ":memory:", Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	l := &challengeList{server: s, many: many}
	if l.account, err = s.Service().Account(ctx); err != nil {
		b.Fatal(err)
	}
	app := s.Application()
	l.path = "/v2/Services/" + verifywire.ServiceSID(app.ID) + "/Entities/user-of-acme/Challenges"
	often, rare := l.factor(b, app), l.factor(b, app)
	l.often, l.rare = verifywire.FactorSID(often), verifywire.FactorSID(rare)
	for i := range many {
		clock.Advance(time.Second) // most of them have expired by the end
		asked := often
		if i == many/2 {
			asked = rare
		}
		if _, err := s.Service().CreateChallenge(ctx, app, asked, onetouch.NewChallenge{Message: "Log in?"}); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 0 {
			if _, err := s.Service().ExpireDue(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	return l
}

// factor is a verified push factor.
func (l *challengeList) factor(b *testing.B, app onetouch.Application) onetouch.Device {
	b.Helper()
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		b.Fatal(err)
	}
	der, err := key.Public().DER()
	if err != nil {
		b.Fatal(err)
	}
	service, ctx := l.server.Service(), b.Context()
	made, err := service.CreateFactor(ctx, app.ID, "user-of-acme", "", onetouch.NewFactor{
		FriendlyName: "phone", PublicKey: der, Alg: "ES256",
		FactorConfig: onetouch.FactorConfig{AppID: "com.example.bank", SDKVersion: "1.0", Platform: "none"},
	})
	if err != nil {
		b.Fatal(err)
	}
	signature, err := evidence.SignText(key, made.UUID)
	if err != nil {
		b.Fatal(err)
	}
	proof := &onetouch.FactorProof{Text: made.UUID, Signature: signature}
	if made, err = service.UpdateFactor(ctx, made, onetouch.FactorChange{Proof: proof}); err != nil {
		b.Fatal(err)
	}
	return made
}

// challengePage is as much of a page as is needed to go on.
type challengePage struct {
	Challenges []struct{ SID string }
	Meta       struct {
		Next string `json:"next_page_url"`
	}
}

// middle is the query of the page in the middle of the list, to which others lead.
func (l *challengeList) middle(b *testing.B, query string) string {
	b.Helper()
	page := l.read(b, query+"&PageSize=100")
	for range l.many/200 - 1 {
		_, next, _ := strings.Cut(page.Meta.Next, "?")
		page = l.read(b, "&"+next)
	}
	next, err := url.Parse(page.Meta.Next)
	if err != nil {
		b.Fatal(err)
	}
	if token := next.Query().Get("PageToken"); token != "" {
		return query + "&PageSize=50&Page=2&PageToken=" + token
	}
	return query + "&PageSize=50" // there is but one
}

func (l *challengeList) read(b *testing.B, query string) (page challengePage) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, l.path+"?"+query[1:], nil)
	r.Host = "localhost"
	r.SetBasicAuth(l.account.SID, l.account.AuthToken)
	answer := httptest.NewRecorder()
	l.server.Handler().ServeHTTP(answer, r)
	if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil || answer.Code != http.StatusOK {
		b.Fatalf("%s: %d %s, %v", query, answer.Code, answer.Body, err)
	}
	return page
}
