package migrate

import (
	"context"
	"maps"
	"slices"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// MappedParameters are the names of parameters in the rows, by call.
func MappedParameters() map[string][]string {
	names := map[string][]string{}
	for call, c := range counterparts() {
		names[call] = slices.Collect(maps.Keys(c.parameters))
	}
	return names
}

// Rules are what the rules say, by name.
func Rules() map[string]string {
	says := map[string]string{}
	for _, r := range append(questionRules(), oneFactor(), noFactor(), noReason()) {
		says[r.name] = r.says
	}
	return says
}

// Preparing are options by which something goes wrong at the server of an API.
func Preparing(prepare func(ctx context.Context, api string, control *controlapi.Client) error) CheckOptions {
	return CheckOptions{prepare: prepare}
}

// Flows are the approval flows of a recording.
func Flows(r Recording) []*Flow { return flowsOf(r).list }
