package config

import (
	"fmt"
	"slices"
	"strings"
)

// Origin is where a setting has its value from.
type Origin string

// Origins, each of which stands in for those before it. Flags come last, but are no business of a later command.
const (
	FromDefault     Origin = "default"
	FromUserFile    Origin = "user file"
	FromProjectFile Origin = "project file"
	FromEnvironment Origin = "environment"
)

// Value is a setting as it stands without flags.
type Value struct {
	Key    string
	Text   string // "": none
	Origin Origin
	Where  string // the file, or the environment variable; "" for a default
}

// Values lists every setting with its value, in the order of the keys.
func (e Environment) Values() ([]Value, error) {
	found := map[string]Value{}
	for _, one := range table() {
		found[one.key] = Value{Key: one.key, Text: one.initial, Origin: FromDefault}
	}
	for _, file := range e.Files() {
		values, err := file.Values()
		if err != nil {
			return nil, err
		}
		origin := FromUserFile
		if file.Project {
			origin = FromProjectFile
		}
		for key, text := range values {
			found[key] = Value{Key: key, Text: text, Origin: origin, Where: file.Path}
		}
	}
	for key, text := range e.settings() {
		found[key] = Value{Key: key, Text: fmt.Sprint(text), Origin: FromEnvironment, Where: Variable(key)}
	}
	values := make([]Value, 0, len(found))
	for _, key := range Keys() {
		values = append(values, found[key])
	}
	return values, nil
}

// Known refuses what is no setting.
func Known(key string) error {
	if slices.Contains(Keys(), key) {
		return nil
	}
	return fmt.Errorf("unknown setting %q, choose from %s", key, strings.Join(Keys(), ", "))
}

// Check refuses a value that a setting cannot have.
func Check(key, text string) error {
	if err := Known(key); err != nil {
		return err
	}
	for _, one := range table() {
		if one.key != key {
			continue
		}
		if one.words != nil && text != "" && !slices.Contains(one.words, text) {
			return fmt.Errorf("%s %q is not known: choose from %s", key, text, strings.Join(one.words, ", "))
		}
		if err := one.form.check(key, text); err != nil {
			return err
		}
		return one.take(&Settings{}, text, true)
	}
	return nil
}

// Secret reports whether the value of a setting is not for everybody's eyes.
func Secret(key string) bool {
	return key == KeyAPIKey || key == KeyControlToken || key == KeyUpstreamAuthToken
}
