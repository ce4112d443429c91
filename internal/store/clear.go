package store

import "slices"

// tablesOfContents are all tables but those of the account, of applications and of numbers, each before those that it refers to.
// Of events the newest stays.
func tablesOfContents() []string {
	return []string{
		"messages", "delivery_contents", "attempts", "deliveries", "webhooks", "approval_requests", "registrations",
		"one_time_passwords", "token_steps", "token_failures", "authenticators", "activities", "phone_verifications", "counts",
		"clock", "devices", "users",
	}
}

// numbersTable has a row in a new database.
const numbersTable = "delivery_numbers"

// allTables are all tables, each after those that it refers to.
func allTables() []string {
	tables := append([]string{numbersTable}, tablesOfContents()...)
	slices.Reverse(tables)
	return append([]string{"accounts", "applications", "events"}, tables...)
}

func (t transaction) Clear(applications bool) error {
	if err := t.keepDeliveryNumbers(0); err != nil {
		return err
	}
	for _, table := range tablesOfContents() {
		if _, err := t.exec("DELETE FROM " + table); err != nil {
			return err
		}
	}
	if _, err := t.exec("DELETE FROM events WHERE sequence < (SELECT MAX(sequence) FROM events)"); err != nil {
		return err
	}
	if applications {
		if _, err := t.exec("DELETE FROM applications"); err != nil {
			return err
		}
	}
	return t.Renumber()
}
