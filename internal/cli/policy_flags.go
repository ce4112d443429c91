package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// aboutPolicies explains the flags of a policy.
const aboutPolicies = `A rule of --when is EXPRESSION = ACTION [after DURATION]: the first that matches counts, and --auto for
what none matches. Expressions look at message, details, hidden_details, app, user, device_id, device_name, platform and
expires_in (seconds), as in details["Amount"] > 10000 && !(details["To"] in ["ACME"]). Actions are approve, deny, ignore
and ask. docs/policies.md tells more.`

// policyFlags are a policy on the command line.
type policyFlags struct {
	when []string
	auto string
}

func addPolicyFlags(cmd *cobra.Command, p *policyFlags) {
	flags := cmd.Flags()
	flags.StringArrayVar(&p.when, "when", nil, "a rule, `EXPR=ACTION` such as 'details[\"Amount\"] > 10000 = deny after 2s'; "+
		"give it again for more")
	flags.StringVar(&p.auto, "auto", "", "what to do when no rule matches, an `ACTION` such as approve or 'deny after 2s'")
	completes(cmd, "auto", completeWords(actionWords()...))
	completes(cmd, "when", completeActions)
}

func actionWords() []string {
	var words []string
	for _, action := range policy.Actions() {
		words = append(words, string(action))
	}
	return words
}

// completeActions completes what follows the = of a rule.
func completeActions(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	at := strings.LastIndex(typed, "=")
	if at < 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	rest := typed[at+1:]
	beginning := typed[:at+1] + rest[:len(rest)-len(strings.TrimLeft(rest, " "))]
	var rules []string
	for _, action := range actionWords() {
		rules = append(rules, beginning+action)
	}
	return rules, cobra.ShellCompDirectiveNoFileComp
}

// given reports whether there is a policy on the command line.
func (p *policyFlags) given() bool { return len(p.when) > 0 || p.auto != "" }

// kept is the policy as it is kept with a device.
func (p *policyFlags) kept() device.Policy { return device.Policy{When: p.when, Auto: p.auto} }

// parse checks the policy.
func (p *policyFlags) parse() (*policy.Policy, error) {
	parsed, err := policy.Parse(p.when, p.auto)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return parsed, nil
}
