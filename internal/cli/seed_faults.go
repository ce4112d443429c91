package cli

import (
	"context"
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// seededFault is a fault of a seed file, and what is to become of it.
type seededFault struct {
	wanted  controlapi.Fault
	path    string
	id      int64 // 0: it is not there yet
	outcome onetouch.Fixing
}

func (f seededFault) shown() seeded {
	made := seeded{Kind: "fault", Name: f.wanted.Does, Outcome: f.outcome, Path: f.path}
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
		planned := seededFault{wanted: controlapi.FaultOf(rule), path: fmt.Sprintf("faults[%d]", i), outcome: onetouch.FixtureCreated}
		for _, there := range inForce {
			if !taken[there.ID] && sameFault(there, planned.wanted) {
				planned.id, planned.outcome = there.ID, onetouch.FixtureFound
				taken[there.ID] = true
				break
			}
		}
		s.faults = append(s.faults, planned)
	}
	return nil
}

// sameFault reports whether a fault in force is the wanted one, however often it has struck.
func sameFault(there, wanted controlapi.Fault) bool {
	for _, one := range []*controlapi.Fault{&there, &wanted} {
		one.ID, one.Does, one.Times = 0, "", min(one.Times, 1)
	}
	return there == wanted
}

func (s *seeding) addFaults(ctx context.Context) error {
	for i := range s.faults {
		one := &s.faults[i]
		if one.outcome == onetouch.FixtureFound {
			continue
		}
		added, err := s.Control.AddFault(ctx, one.wanted)
		if err != nil {
			return s.file.At(one.path, one.path+": "+err.Error())
		}
		one.id = added.ID
	}
	return nil
}
