package migrate

import (
	"maps"
	"slices"
)

// MappedParameters are the names of parameters in the rows, by call.
func MappedParameters() map[string][]string {
	names := map[string][]string{}
	for call, c := range counterparts() {
		names[call] = slices.Collect(maps.Keys(c.parameters))
	}
	return names
}
