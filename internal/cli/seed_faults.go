package cli

import (
	"context"
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

// seededFault is a fault of a seed file, and what is to become of it.
type seededFault struct {
	rule    fault.Rule
	path    string
	id      int64 // 0: it is not there yet
	outcome onetouch.Fixing
}

func (f seededFault) shown() seeded {
	made := seeded{Kind: "fault", Name: f.rule.String(), Outcome: f.outcome, Path: f.path}
	if f.id != 0 {
		made.ID = idText(f.id)
	}
	return made
}

func (s *seeding) planFaults(ctx context.Context) error {
	if len(s.file.Faults) == 0 {
		return nil
	}
	if s.InProcess {
		return failedWith(ExitUnreachable, "%w", s.file.At("faults",
			"faults live in a running server, and none runs in this workspace: start one with 'onetouch serve'"))
	}
	inForce, err := s.Control.Faults(ctx)
	if err != nil {
		return err
	}
	taken := map[int64]bool{}
	for i, one := range s.file.Faults {
		rule, err := one.Rule()
		if err != nil {
			return err
		}
		planned := seededFault{rule: rule, path: fmt.Sprintf("faults[%d]", i), outcome: onetouch.FixtureCreated}
		for _, there := range inForce {
			if !taken[there.ID] && sameFault(there, rule) {
				planned.id, planned.outcome = there.ID, onetouch.FixtureFound
				taken[there.ID] = true
				break
			}
		}
		s.faults = append(s.faults, planned)
	}
	return nil
}

// sameFault reports whether a fault in force is that of the rule, however often it has struck.
func sameFault(there controlapi.Fault, r fault.Rule) bool {
	return there.Match == r.Match && there.Error == r.Error && there.Status == r.Status &&
		there.LatencyMS == r.Latency.Milliseconds() && there.Reset == r.Reset && there.Push == r.Push &&
		there.Callback == r.Callback && there.DelayMS == r.Delay.Milliseconds() && there.Probability == r.Probability &&
		there.Seed == r.Seed && (there.Times == 0) == (r.Times == 0)
}

func (s *seeding) addFaults(ctx context.Context) error {
	for i := range s.faults {
		one := &s.faults[i]
		if one.outcome == onetouch.FixtureFound {
			continue
		}
		added, err := s.Control.AddFault(ctx, controlapi.Fault{
			Match: one.rule.Match, Error: one.rule.Error, Status: one.rule.Status, LatencyMS: one.rule.Latency.Milliseconds(),
			Reset: one.rule.Reset, Push: one.rule.Push, Callback: one.rule.Callback, DelayMS: one.rule.Delay.Milliseconds(),
			Probability: one.rule.Probability, Seed: one.rule.Seed, Times: one.rule.Times,
		})
		if err != nil {
			return s.file.At(one.path, one.path+": "+err.Error())
		}
		one.id = added.ID
	}
	return nil
}
