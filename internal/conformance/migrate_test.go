package conformance_test

import (
	"net/http"
	"testing"

	"github.com/onetouchkit/onetouch/internal/migrate"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// What the published clients did is planned to the last call, and each of their approval flows comes out through Verify as it
// did, or the check knows why not.
func TestMigration(t *testing.T) {
	t.Parallel()
	for _, suite := range []string{"authy.suite.js", "authy-client.suite.js"} {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			node, modules := needClients(t)
			s := openStage(t, onetouch.ApplicationSettings{})
			if output, err := runNode(t, node, modules, s.environment(), "--test", ownFile(t, suite)); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			r, err := migrate.RememberedFlows(t.Context(), controlapi.NewClient(s.url, controlToken, http.DefaultClient), "")
			if err != nil {
				t.Fatal(err)
			}
			plan := migrate.Of(r.Calls)
			if plan.Calls != len(r.Calls) || plan.Unknown+len(plan.Unplanned) > 0 || len(plan.Refusals) == 0 {
				t.Errorf("of %d calls %d are planned, not: %+v; refusals: %+v", len(r.Calls), plan.Calls, plan.Unplanned, plan.Refusals)
			}
			report, err := migrate.Check(t.Context(), r, migrate.CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if report.Explained == 0 || report.Same == 0 || report.NotReplayed > 0 {
				t.Errorf("%s", report.Markdown())
			}
			for _, f := range report.Flows {
				for _, d := range f.Differences {
					if d.Rule == "" {
						t.Errorf("flow %d: nothing explains %s", f.Number, d)
					}
				}
			}
		})
	}
}
