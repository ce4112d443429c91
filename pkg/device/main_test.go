package device_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(counterFolder); folder != "" {
		os.Exit(countPushes(folder))
	}
	goleak.VerifyTestMain(m)
}
