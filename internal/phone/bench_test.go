package phone_test

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// BenchmarkIdlePhone tells what a phone costs that listens and has nothing to do: memory of heap and stacks for each, with
// both ends of its connection, since the server is in the same process.
//
//	go test -run - -bench IdlePhone -benchtime 1x ./internal/phone
func BenchmarkIdlePhone(b *testing.B) {
	const phones = 200
	for b.Loop() {
		w := newWorld(b)
		user := w.addUser(1)
		var devices []*device.Device
		for range phones {
			devices = append(devices, w.newDevice(user))
		}
		w.client.Transport.(*http.Transport).CloseIdleConnections()
		p, err := policy.Parse(nil, "approve")
		if err != nil {
			b.Fatal(err)
		}
		before := memoryInUse()
		ctx, stop := context.WithCancel(b.Context())
		var work, connected sync.WaitGroup
		for _, d := range devices {
			connected.Add(1)
			stands := device.OnConnect(sync.OnceFunc(connected.Done))
			one := &phone.Phone{
				Device: d, Policy: p,
				Pushes: func(ctx context.Context, hear func(context.Context, device.Push) error) error {
					return d.Pushes(ctx, hear, stands)
				},
			}
			work.Go(func() { _ = one.Run(ctx) })
		}
		connected.Wait()
		b.ReportMetric(float64(memoryInUse()-before)/phones/1024, "KiB/phone")
		stop()
		work.Wait()
	}
}

// memoryInUse is that of heap and stacks, in bytes, once what is not needed is gone.
func memoryInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
