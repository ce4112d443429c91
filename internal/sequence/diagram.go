// Package sequence tells the story of one approval request as a sequence diagram: who said what to whom, when, and what was
// answered. A diagram is drawn for a terminal, as Mermaid text, or as an SVG file.
//
// What a diagram says was written by others. Each way of drawing makes that harmless for the place where it is shown.
package sequence

import "time"

// Diagram is the story of an approval request.
type Diagram struct {
	Title        string        `json:"title"`
	Description  string        `json:"description"` // how the story stands, in one sentence
	StartedAt    time.Time     `json:"started_at"`  // by the server's clock, as every time is
	Participants []Participant `json:"participants"`
	Steps        []Step        `json:"steps"` // in the order of time
}

// Participant is somebody who takes part.
type Participant struct {
	ID   string `json:"id"` // of this diagram
	Kind Kind   `json:"kind"`
	Role string `json:"role"` // such as "backend", or "device 2000000"
	Name string `json:"name"`
}

// Kind says what a participant is.
type Kind string

// Kinds of participants, in the order in which they stand.
const (
	Backend  Kind = "backend"
	Service  Kind = "service"
	Device   Kind = "device"
	Receiver Kind = "receiver" // of callbacks and webhooks
)

// Step is a message from one participant to another with what was answered, or a note on one participant.
type Step struct {
	At       time.Time `json:"at"`
	OffsetMS float64   `json:"offset_ms"` // since the story began
	Kind     StepKind  `json:"kind"`
	From     string    `json:"from"`
	To       string    `json:"to"` // "" for a note, which is on From
	Text     string    `json:"text"`
	Reply    string    `json:"reply"` // "": there was none
	Outcome  Outcome   `json:"outcome"`
	Count    int       `json:"count"` // how often that was said in a row; 1 is once
}

// StepKind says what a step is about.
type StepKind string

// Kinds of steps.
const (
	Asked      StepKind = "asked"
	Pushed     StepKind = "push"
	Fetched    StepKind = "fetch"
	Answered   StepKind = "answer"
	Polled     StepKind = "poll"
	Expired    StepKind = "expiry"
	CalledBack StepKind = "callback"
	Webhooked  StepKind = "webhook"
	Replayed   StepKind = "replay"
	Waiting    StepKind = "waiting" // of a delivery: what becomes of it next
	Faulted    StepKind = "fault"   // a fault that struck a delivery
)

// Outcome says whether a step went well.
type Outcome string

// Outcomes.
const (
	Neither Outcome = ""
	Good    Outcome = "good"
	Bad     Outcome = "bad"
)
