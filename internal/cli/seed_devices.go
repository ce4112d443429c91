package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/onetouchkit/onetouch/internal/fixture"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// seededPhone is a phone of a seed file, and what is to become of it.
type seededPhone struct {
	fixture.Phone
	outcome onetouch.Fixing
	there   listedDevice // unless it is to be made
}

func (p seededPhone) shown() seeded {
	made := seeded{Kind: "device", Name: p.Name, Outcome: p.outcome, Path: p.Path}
	if p.there.ID != 0 {
		made.ID = idText(p.there.ID)
	}
	return made
}

func (p seededPhone) policy() policyFlags { return policyFlags{when: p.When, auto: p.Auto} }

func (s *seeding) planPhones(ctx context.Context) error {
	for _, phone := range s.file.Phones() {
		planned := seededPhone{Phone: phone, outcome: onetouch.FixtureCreated}
		if user := s.users[phone.UserPath]; !user.fresh {
			devices, err := s.devices(ctx, user.authyID)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(devices, func(d listedDevice) bool { return d.Name == phone.Name })
			if at >= 0 {
				planned.there = devices[at]
				if planned.outcome, err = s.difference(phone, devices[at]); err != nil {
					return err
				}
			}
		}
		s.phones = append(s.phones, planned)
	}
	return nil
}

// difference compares a phone of the file with the device of that name, and refuses what cannot be changed.
func (s *seeding) difference(phone fixture.Phone, there listedDevice) (onetouch.Fixing, error) {
	if phone.Platform != "" && phone.Platform != there.Platform {
		return "", usageError("%w", s.file.At(phone.Path+".platform", fmt.Sprintf(
			"%s.platform is %s, but device %d of this name is %s", phone.Path, phone.Platform, there.ID, there.Platform)))
	}
	policy := policyFlags{when: phone.When, auto: phone.Auto}
	if policyEqual(there.Policy, policy) {
		return onetouch.FixtureFound, nil
	}
	if !there.Local {
		return "", usageError("%w", s.file.At(phone.Path, fmt.Sprintf(
			"%s has a policy, but device %d of this name is not simulated in this workspace", phone.Path, there.ID)))
	}
	return onetouch.FixtureChanged, nil
}

func policyEqual(there *ownPolicy, wanted policyFlags) bool {
	if there == nil {
		return !wanted.given()
	}
	return there.Auto == wanted.auto && slices.Equal(there.When, wanted.when)
}

// makePhones registers the phones that are missing, and sets the policies that differ.
func (s *seeding) makePhones(ctx context.Context) error {
	for i := range s.phones {
		phone := &s.phones[i]
		var err error
		switch phone.outcome {
		case onetouch.FixtureCreated:
			err = s.makePhone(ctx, phone)
		case onetouch.FixtureChanged:
			err = s.changePolicy(ctx, phone)
		}
		if err != nil {
			return s.file.At(phone.Path, phone.Path+": "+err.Error())
		}
	}
	return nil
}

func (s *seeding) makePhone(ctx context.Context, phone *seededPhone) error {
	user := s.users[phone.UserPath]
	backend := *s.Connection
	if err := backend.speakFor(ctx, user.appID); err != nil {
		return err
	}
	registered, err := backend.register(ctx, &deviceRegisterOptions{
		authyID: user.authyID, name: phone.Name, platform: phone.Platform,
		algorithm: cmp.Or(phone.Algorithm, evidence.ES256), policy: phone.policy(),
	})
	if err != nil {
		return err
	}
	phone.there.ID = registered.ID()
	return nil
}

func (s *seeding) changePolicy(ctx context.Context, phone *seededPhone) error {
	if policy := phone.policy(); policy.given() {
		return s.setPolicy(ctx, phone.there, policy)
	}
	err := s.Devices.Update(phone.there.ID, func(kept *device.Credentials) { kept.Policy = device.Policy{} })
	if err != nil {
		return err
	}
	return s.policyChanged(ctx, phone.there.UUID, phone.there.ID)
}
