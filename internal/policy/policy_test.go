package policy_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// question is the request that the rules of the tests are about.
func question() policy.Request {
	return policy.Request{
		Message: "Send $12,400 to ACME?",
		Details: details.List{
			{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}, {Name: "Note", Value: "a = b"},
			{Name: "Empty"}, {Name: "Text", Value: "n/a"}, {Name: "\x1b[31m\u202e", Value: "مرحبا 😀"},
		},
		HiddenDetails: details.List{{Name: "ip", Value: "192.0.2.7"}},
		App:           "Acme Bank", User: 1000, DeviceID: 2000000, DeviceName: "Ada's Pixel", Platform: "android",
		ExpiresIn: 90 * time.Second,
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]bool{
		`true`:  true,
		`false`: false,
		// Names.
		`message startsWith "Send"`:                  true,
		`message contains "ACME" and message != ""`:  true,
		`message matches "^Send .* to [A-Z]+[?]$"`:   true,
		`details["To"] == "ACME"`:                    true,
		`details.To == "ACME"`:                       true,
		`details["Note"] == "a = b"`:                 true,
		`details["To"] == 'ACME' || message == "="`:  true,
		"details[`To`] == `A=B`":                     false,
		`hidden_details["ip"] startsWith "192.0.2."`: true,
		`app == "Acme Bank"`:                         true,
		`user == 1000 && user in [999, 1000]`:        true,
		`device_id == 2000000`:                       true,
		`device_name contains "Pixel"`:               true,
		`platform == "ios"`:                          false,
		`expires_in <= 90 && expires_in > 89`:        true,
		// Numbers.
		`details["Amount"] > 10000`:              true,
		`10000 < details["Amount"]`:              true,
		`details["Amount"] >= 12400`:             true,
		`details["Amount"] <= 12400`:             true,
		`12400 == details["Amount"]`:             true,
		`details["Amount"] != 12400.0`:           false,
		`details["Amount"] < 12400.5`:            true,
		`5 <= details["Amount"]`:                 true,
		`details["Amount"] < -1`:                 false,
		`number(details["Amount"]) * 2 == 24800`: true,
		`details["Amount"] == "$12,400"`:         true,
		// What is not there.
		`details["Nothing"] == ""`:           true,
		`details["Nothing"] > 10000`:         false,
		`details["Nothing"] <= 10000`:        false,
		`details["Nothing"] == 0`:            false,
		`details["Nothing"] != 0`:            false,
		`details["Empty"] < 1`:               false,
		`"Amount" in details`:                true,
		`"Nothing" in details`:               false,
		`!("Nothing" in details)`:            true,
		`any(keys(details), # contains "m")`: true,
		`len(details) == 6`:                  true,
		`any(values(details), # == "ACME")`:  true,
		// The rest of the language.
		`let to = lower(details["To"]); to == "acme"`: true,
		`details["To"] == "ACME" ? true : false`:      true,
		`len(message) > 100 or not (1 > 2)`:           true,
		`details["To"] in ["ACME", "Globex"]`:         true,
		`min(1, 2) == 1 && abs(-1) == 1`:              true,
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			for _, rule := range []string{expression + " = deny", expression + "=deny", expression + "  =  deny  after 0s "} {
				p, err := policy.Parse([]string{rule}, "approve")
				if err != nil {
					t.Fatal(err)
				}
				got, err := p.Decide(question())
				if err != nil || (got.Action == policy.Deny) != want || (got.Action == policy.Approve) == want {
					t.Errorf("%s: %v (%v), want a match: %v", rule, got, err, want)
				}
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		when     []string
		auto     string
		want     policy.Decision
		problems []int // rules
	}{
		{name: "nothing said", want: policy.Decision{Action: policy.Ask}},
		{name: "auto", auto: "approve", want: policy.Decision{Action: policy.Approve}},
		{name: "auto with a delay", auto: " ignore  after 1m30s", want: policy.Decision{Action: policy.Ignore, After: 90 * time.Second}},
		{
			name: "the first match", when: []string{"false = ask", "true = deny after 2s", "true = approve"}, auto: "approve",
			want: policy.Decision{Action: policy.Deny, After: 2 * time.Second},
		},
		{name: "no match and no auto", when: []string{"false = deny"}, want: policy.Decision{Action: policy.Ask}},
		{
			name: "undecided, then an approval", when: []string{`details["Text"] > 1 = deny`}, auto: "approve after 3s",
			want: policy.Decision{Action: policy.Ask}, problems: []int{1},
		},
		{
			name: "undecided approval, then another", when: []string{`details["Text"] > 1 = approve`, "true = approve"},
			want: policy.Decision{Action: policy.Ask}, problems: []int{1},
		},
		{
			name: "undecided, then a denial", when: []string{"false = deny", `number(message) > 1 = ignore`, "true = deny"},
			auto: "approve", want: policy.Decision{Action: policy.Deny}, problems: []int{2},
		},
		{
			name: "undecided after the match", when: []string{"true = approve", `number(message) > 1 = ignore`},
			want: policy.Decision{Action: policy.Approve},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := policy.Parse(test.when, test.auto)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Decide(question())
			if got != test.want {
				t.Errorf("decided %v, want %v", got, test.want)
			}
			problems := policy.Problems(err)
			if len(problems) != len(test.problems) {
				t.Fatalf("problems %v, want those of rules %v", err, test.problems)
			}
			for i, problem := range problems {
				if problem.Rule != test.problems[i] || strings.ContainsAny(problem.Error(), "\n") {
					t.Errorf("problem %v, want one of rule %d in one line", problem, test.problems[i])
				}
			}
		})
	}
}

func TestRequestThatNeverExpires(t *testing.T) {
	t.Parallel()
	p, err := policy.Parse([]string{"expires_in < 1000000000 = deny"}, "approve")
	if err != nil {
		t.Fatal(err)
	}
	r := question()
	r.ExpiresIn = -1
	if got, err := p.Decide(r); err != nil || got.Action != policy.Approve {
		t.Errorf("decided %v (%v)", got, err)
	}
}

// What is refused is refused in one line that tells the place and no type of Go.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, want string }{
		{`detail["Amount"] > 10000 = deny`, `unknown name "detail" at column 1: did you mean "details"?`},
		{`true && hiden_details["x"] == "" = deny`, `unknown name "hiden_details" at column 9: did you mean "hidden_details"?`},
		{`whatever == 1 = deny`, `unknown name "whatever" at column 1: an expression can look at message, details, hidden_details, ` +
			`app, user, device_id, device_name, platform, expires_in`},
		{`lowr(message) == "" = deny`, `unknown name "lowr" at column 1: did you mean "lower"?`},
		{"true\n&& usr == 1 = deny", `unknown name "usr" at line 2, column 4: did you mean "user"?`},
		{`message = deny`, "the expression must be true or false, but is a text"},
		{`user + 1 = deny`, "the expression must be true or false, but is a number"},
		{`details = deny`, "the expression must be true or false, but is a list of details"},
		{`message && true = deny`, "invalid operation: && (mismatched types text and true or false) at column 9"},
		{`details == 5 = deny`, "invalid operation: == (mismatched types list of details and number) at column 9"},
		{`number(user) > 1 = deny`, "cannot use number as argument (type text) to call number at column 8"},
		{`details["Amount"] > "10000" = deny`, "texts are compared by the alphabet: leave out the quotes to compare numbers at column 19"},
		{`details["Amount"] == nil = deny`, `what may be absent is compared with "", at column 22`},
		{`message + "" == "" = deny`, "texts cannot be joined at column 9"},
		{`all([1], all([2], true)) = deny`, "a condition within a condition is too much at column 10"},
		{`user in 1000..2000 = deny`, "there are no ranges: compare with <= and >=, at column 13"},
		{`$env == 5 = deny`, `unknown name "$env"`},
		{`repeat("x", 5) == "" = deny`, `unknown name "repeat" at column 1`},
		{`now().Year() > 1 = deny`, `unknown name "now" at column 1`},
		{`(user == 1 = deny`, `unexpected end`},
		{`user == = deny`, `unexpected end`},
		{`user = 1 = deny`, `unexpected "=" at column 6`},
		{`message matches "(" = deny`, "error parsing regexp"},
		{`message == "x = deny`, "the quote at column 12 is not closed"},
		{`message == "x"`, `"message == \"x\"" has no action: write EXPRESSION = ACTION`},
		{`user >= 5`, "has no action"},
		{``, `"" has no action`},
		{`= deny`, `the expression before "= deny" is empty: true matches every request`},
		{`  = deny`, `the expression before "= deny" is empty`},
		{`true =`, "the action is empty: it is approve, deny, ignore or ask"},
		{`true = allow`, `"allow" is not known: it is approve, deny, ignore or ask, perhaps with a delay, such as approve after 3s`},
		{`details["To"] = "ACME"`, `the action after the last = is wrong (== compares): "\"ACME\"" is not known`},
		{`true = Approve`, `"Approve" is not known`},
		{`true = deny soon`, `"deny soon" is not known`},
		{`true = deny after`, `after "": it must be a duration, such as 500ms, 3s or 2m`},
		{`true = deny after 9999999999999h`, `after "9999999999999h": it is longer than anybody can wait: at most 2562047h`},
		{`true = deny after forever`, `after "forever": it must be a duration`},
		{`true = deny after 3 s`, `after "3 s": it must be a duration`},
		{`true = deny after -1s`, "after -1s: it must not be negative"},
		{"true = \x1b[31mdeny", `"\x1b[31mdeny" is not known`},
		{"\xff == 1 = deny", "it is not valid UTF-8"},
		{`message == "` + strings.Repeat("x", policy.MaxSize) + `" = deny`, "bytes altogether: a policy has at most 8192"},
		{strings.Repeat("(", 4000) + " = deny", "unexpected end"},
	} {
		t.Run(test.rule[:min(len(test.rule), 40)], func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse([]string{"true = deny", test.rule}, "approve")
			if err == nil {
				t.Fatal("it was taken")
			}
			if got := err.Error(); !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("said %q\nwant %q", got, test.want)
			}
			if len(test.rule) < policy.MaxSize && !strings.HasPrefix(err.Error(), "--when 2: ") {
				t.Errorf("said %q, want which rule", err)
			}
		})
	}
	for auto, want := range map[string]string{
		"maybe":              `--auto: "maybe" is not known: it is approve, deny, ignore or ask`,
		" ":                  "--auto: the action is empty",
		"approve after -1ms": "--auto: after -1ms: it must not be negative",
		"true = approve":     `--auto: "true = approve" is not known`,
	} {
		if _, err := policy.Parse(nil, auto); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("--auto %q: %v, want %q", auto, err, want)
		}
	}
}

func TestAsks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		when []string
		auto string
		want string
	}{
		{},
		{when: []string{"true = deny"}},
		{auto: "approve"},
		{auto: "ask after 1s", want: "--auto"},
		{when: []string{"true = deny", "true = ask"}, auto: "ask", want: "--when 2"},
	} {
		p, err := policy.Parse(test.when, test.auto)
		if err != nil || p.Asks() != test.want {
			t.Errorf("%q %q: %q (%v), want %q", test.when, test.auto, p.Asks(), err, test.want)
		}
	}
}

// A number is read the same wherever it stands; what is no number, or might be two, is none.
func TestNumbers(t *testing.T) {
	t.Parallel()
	none := math.NaN()
	for text, want := range map[string]float64{
		"12400": 12400, "$12,400": 12400, "12,400.50 EUR": 12400.5, "€ 12,400": 12400, "USD 5": 5, "5.5€": 5.5, " 7 ": 7,
		"-12.50": -12.5, "-$5": -5, "$-5": -5, "+3": 3, "1,234,567.891": 1234567.891, "0.5": 0.5, "12.40": 12.4, "1.2345": 1.2345,
		"1,234.567": 1234.567, "00012": 12, "1234.567": 1234.567, "₿2": 2,

		"12.400": none, "€ 12.400": none, "1.000": none, "12,40": none, "1,2345": none, "12,400,5": none, "1.2.3": none,
		"12 400": none, "12 thousand": none, "n/a": none, "$": none, "EUR": none, "usd 5": none, "$5 USD": none, "--5": none,
		"0x10": none, "1e5": none, "NaN": none, "Inf": none, ".5": none, "5.": none, "١٢": none, "5%": none, "-": none,
		"$€5": none, "5 US$": none, "5\x1b[0m": none, strings.Repeat("9", 400): none,
	} {
		literal := "0"
		if !math.IsNaN(want) {
			literal = strconv.FormatFloat(want, 'f', -1, 64)
		}
		for _, rule := range []string{"number(message) == " + literal + " = deny", "message == " + literal + " = deny"} {
			p, err := policy.Parse([]string{rule}, "ignore")
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Decide(policy.Request{Message: text})
			if math.IsNaN(want) != (err != nil) || err == nil && got.Action != policy.Deny {
				t.Errorf("%q: %v (%v), want %v", text, got, err, want)
			}
		}
	}
}

// FuzzParse: a policy that is taken decides about every request, in time; one that is refused is so in one line.
func FuzzParse(f *testing.F) {
	for _, rule := range []string{
		`details["Amount"] > 10000 = deny after 2s`, `message == "a = b"=approve`, `any(keys(details), # contains "x") = ask`,
		`let a = [1, 5]; all(a, # in [1, 2]) ? true : false = ignore`, `number(details.To) ** 2 != -1.5e3 = deny`,
		`message matches "(a|b)*c{1,3}" = deny`, `$env["x"] == nil = deny`, `true = deny after 1h1m1s`, "`=`== '='=deny",
		`{"a": [1]}["a"][0] == 1 = deny`, `message | upper() == "X" = deny`, `#`, `= = =`, `message[1:2] == "x" = deny`,
	} {
		f.Add(rule, "approve")
	}
	f.Add("true = deny", "approve after 3s")
	f.Fuzz(func(t *testing.T, rule, auto string) {
		p, err := policy.Parse([]string{rule}, auto)
		if err != nil {
			if text := err.Error(); strings.ContainsAny(text, "\n\r\x1b") || !strings.HasPrefix(text, "--") {
				t.Errorf("said %q", text)
			}
			return
		}
		decision, err := p.Decide(question())
		if !slices.Contains(policy.Actions(), decision.Action) || decision.After < 0 {
			t.Errorf("decided %v", decision)
		}
		if err != nil && (decision.Action == policy.Approve || len(policy.Problems(err)) != 1) {
			t.Errorf("decided %v with %v", decision, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("the problem is %q", err)
		}
	})
}
