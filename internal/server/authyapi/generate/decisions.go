package main

// decision is an answer to a question that no source answers, or that sources answer differently.
type decision struct {
	question string
	answer   string
	setting  string // of the application, that changes the answer; "" when nothing does
}

// decisions are in the order of the calls that they are about.
var decisions = []decision{
	{
		question: "An approval request for a user without a device",
		answer:   "is accepted and waits for one; the switch refuses it with 60050",
		setting:  "require_device",
	},
	{
		question: "A message that is missing or blank",
		answer:   "400, 60004, `Invalid parameter: message - Parameter is required`, in the words recorded for other calls",
	},
	{
		question: "`details` as a text",
		answer:   "400, 60004: they must be names with values",
	},
}
