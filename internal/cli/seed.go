package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/fixture"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

type seedOptions struct {
	tools
	path   string
	dryRun bool
	file   *fixture.File // once it is read
}

// NewCmdSeed returns the command that makes things be there.
func NewCmdSeed(f *Factory) *cobra.Command {
	o := &seedOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "seed FILE",
		Short: "Make applications, users, phones and faults of a file be there",
		Long: "Make the applications, users, webhooks, phones and faults of a file be there: YAML or JSON, - for standard input.\n" +
			"What is missing is added, what differs is changed, the rest stays, so that a second run changes nothing. All of\n" +
			"the file is checked before anything is written, and what contradicts what is there is refused.\n\n" +
			"Users and webhooks that stand in no application belong to the one that commands speak for (--app).\n" +
			"docs/fixtures.md describes the file, docs/seed.schema.json is its schema.",
		Example: "onetouch seed fixtures.yaml\n" +
			`echo '{"users":[{"email":"ada@example.com","phone":"202-555-0158"}]}' | onetouch seed -`,
		Args: takeText(&o.path, "the file"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: runOn(o, seedRun),
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check the file and say what would be done, and do nothing")
	o.answer = addAnswerFlags(cmd, seeded{}, "the IDs of what is there then")
	return cmd
}

func (o *seedOptions) check() (err error) {
	o.file, err = readSeed(o.path, o.streams.In)
	return err
}

// readSeed reads a seed file; - is standard input.
func readSeed(path string, in io.Reader) (*fixture.File, error) {
	name, reader := path, in
	if path == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, failedWith(ExitNotFound, "there is no file %s", path)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the seed file: %w", err)
		}
		defer func() { _ = file.Close() }()
		reader = file
	}
	content, err := io.ReadAll(io.LimitReader(reader, fixture.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the seed file %s: %w", name, err)
	}
	read, err := fixture.Parse(name, content)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return read, nil
}

func seedRun(ctx context.Context, o *seedOptions, c *Connection) error {
	done, err := c.seed(ctx, o.file, o.dryRun)
	if err != nil {
		return err
	}
	answer := shown{data: done, people: output.TableOf(done,
		output.Short("Kind", func(s seeded) string { return s.Kind }),
		output.Whole("ID", func(s seeded) string { return s.ID }),
		output.Short("Name", func(s seeded) string { return s.Name }),
		output.Short("Outcome", func(s seeded) string { return string(s.Outcome) }),
		output.Short("Path", func(s seeded) string { return s.Path }),
	)}
	for _, one := range done {
		if one.ID != "" {
			answer.ids = append(answer.ids, one.ID)
		}
	}
	if o.dryRun {
		answer.hint = "Nothing was done: this is what would be."
	}
	return o.show(ctx, answer)
}

// seeded is something of a seed file.
type seeded struct {
	Kind    string          `json:"kind"` // application, user, webhook, device, fault
	ID      string          `json:"id"`   // "" when it is made only later, and of a webhook
	Name    string          `json:"name"`
	Outcome onetouch.Fixing `json:"outcome"`
	Path    string          `json:"path"` // in the file
}

// seed makes what a file says be there, or says only what that would be.
func (c *Connection) seed(ctx context.Context, file *fixture.File, dryRun bool) ([]seeded, error) {
	s := seeding{Connection: c, file: file}
	if err := s.fix(ctx, true); err != nil {
		return nil, err
	}
	if err := s.plan(ctx); err != nil {
		return nil, err
	}
	if !dryRun {
		if err := s.fix(ctx, false); err != nil {
			return nil, err
		}
		if err := s.makePhones(ctx); err != nil {
			return nil, err
		}
		if err := s.addFaults(ctx); err != nil {
			return nil, err
		}
	}
	return s.done(), nil
}

// seeding is the run of one seed file.
type seeding struct {
	*Connection
	file   *fixture.File
	fixed  []seeded
	users  map[string]seededUser // by their paths
	phones []seededPhone
	faults []seededFault
}

// seededUser is a user of the file, with the devices that they had before.
type seededUser struct {
	appID   string
	authyID int64
	fresh   bool
}

// fix has the service make what it makes, or only try it.
func (s *seeding) fix(ctx context.Context, trial bool) error {
	fixtures := s.file.Fixtures(s.Application.ID)
	fixtures.Trial = trial
	fixed, err := s.Control.Fix(ctx, fixtures)
	if err != nil {
		return usageOr(err, s.file.Located(err))
	}
	s.fixed, s.users = nil, map[string]seededUser{}
	for _, one := range fixed {
		made := seeded{Kind: kindOfFixture(one.Path), Name: one.Name, Outcome: one.Outcome, Path: one.Path}
		fresh := one.Outcome == onetouch.FixtureCreated
		switch made.Kind {
		case "application":
			made.ID = one.AppID
		case "user":
			made.ID = idText(one.AuthyID)
			s.users[one.Path] = seededUser{one.AppID, one.AuthyID, fresh}
		}
		if trial && fresh {
			made.ID = "" // which it would get is known only then
		}
		s.fixed = append(s.fixed, made)
	}
	return nil
}

// usageOr is a wrong file as wrong usage, when the error has a place in it.
func usageOr(err, located error) error {
	if located == err { //nolint:errorlint // whether a place was added, not what kind it is
		return err
	}
	return usageError("%w", located)
}

func kindOfFixture(path string) string {
	_, last, nested := strings.Cut(path, ".")
	if !nested {
		last = path
	}
	name, _, _ := strings.Cut(last, "[")
	return strings.TrimSuffix(name, "s")
}

// plan looks what is there of phones and faults, and refuses what contradicts it.
func (s *seeding) plan(ctx context.Context) error {
	if err := s.planPhones(ctx); err != nil {
		return err
	}
	return s.planFaults(ctx)
}

func (s *seeding) done() []seeded {
	done := slices.Clone(s.fixed)
	for _, phone := range s.phones {
		done = append(done, phone.shown())
	}
	for _, one := range s.faults {
		done = append(done, one.shown())
	}
	return done
}
