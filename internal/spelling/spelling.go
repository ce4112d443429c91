// Package spelling finds the word that was meant.
package spelling

import "slices"

// Nearest returns the known word that is most like a misspelt one, and whether it is like enough to be what was meant.
func Nearest(word string, known []string) (nearest string, meant bool) {
	if len(known) == 0 {
		return "", false
	}
	nearest = slices.MinFunc(known, func(a, b string) int { return distance(word, a) - distance(word, b) })
	return nearest, distance(word, nearest) <= max(1, (len(nearest)+1)/3)
}

// distance is how many letters have to be changed, added or left out to make one word the other (Levenshtein).
func distance(a, b string) int {
	const tooLong = 64
	from, to := []rune(a), []rune(b)
	if len(from) > tooLong {
		return len(from)
	}
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range from {
		before := row[0]
		row[0] = i + 1
		for j, other := range to {
			change := before
			if letter != other {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
