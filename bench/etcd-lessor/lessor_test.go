// What etcd's own lessor costs per lease, in CPU time: grants, renewals, and finding and revoking
// what is due, of leases without keys, on a backend that keeps nothing. It is compiled into the
// package it measures, whose loop is stopped. Prints one JSON object.
package lease

import (
	"encoding/json"
	"math/rand"
	"os"
	"runtime"
	"sort"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/mvcc/backend"
	"go.uber.org/zap"
)

// In seconds. The shortest is longer than a measurement.
const (
	shortestTTL = 600
	longestTTL  = 3600
)

// As many as one turn of the loop revokes (CONST-05).
const turnLimit = 500

// Each figure is in nanoseconds a lease, but for the bytes.
type cost struct {
	Grant  float64 `json:"grant"`
	Renew  float64 `json:"renew"`
	Expire float64 `json:"expire"`
	Sum    float64 `json:"sum"`
	Bytes  float64 `json:"bytes"`
}

// TestCost measures LEASES leases, ROUNDS times, and prints the round whose sum is the median.
func TestCost(t *testing.T) {
	count, rounds := number(t, "LEASES"), number(t, "ROUNDS")
	costs := make([]cost, rounds)
	for round := range costs {
		costs[round] = measured(t, count)
	}
	sort.Slice(costs, func(i, j int) bool { return costs[i].Sum < costs[j].Sum })
	if err := json.NewEncoder(os.Stdout).Encode(costs[rounds/2]); err != nil {
		t.Fatal(err)
	}
}

func measured(t *testing.T, count int) cost {
	random := rand.New(rand.NewSource(1))
	ids := make([]LeaseID, count)
	ttls := make([]int64, count)
	for index := range ids {
		ids[index] = LeaseID(random.Int63())
		ttls[index] = shortestTTL + random.Int63n(longestTTL-shortestTTL)
	}
	before := heapBytes()
	lessor := newLessor(zap.NewNop(), nowhere{}, nil, LessorConfig{MinLeaseTTL: 1})
	lessor.Stop()
	lessor.SetRangeDeleter(func() TxnDelete { return noKeys{} })
	lessor.Promote(0)
	each := func(work func()) float64 {
		start := cpu()
		work()
		return float64(cpu()-start) / float64(count)
	}
	var taken cost
	taken.Grant = each(func() {
		for index, id := range ids {
			if _, err := lessor.Grant(id, ttls[index]); err != nil {
				t.Fatal(err)
			}
		}
	})
	taken.Bytes = float64(heapBytes()-before) / float64(count)
	taken.Renew = each(func() {
		for _, id := range ids {
			if _, err := lessor.Renew(id); err != nil {
				t.Fatal(err)
			}
		}
	})
	lessor.letAllExpire()
	taken.Expire = each(func() {
		for {
			lessor.mu.Lock()
			due := lessor.findExpiredLeases(turnLimit)
			lessor.mu.Unlock()
			if len(due) == 0 {
				break
			}
			for _, lease := range due {
				if err := lessor.Revoke(lease.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	if len(lessor.leaseMap) != 0 {
		t.Fatal("leases are left")
	}
	taken.Sum = taken.Grant + taken.Renew + taken.Expire
	return taken
}

// All of them are due; in which order stays as it was.
func (le *lessor) letAllExpire() {
	past := -2 * longestTTL * time.Second
	for _, lease := range le.leaseMap {
		lease.expiry = lease.expiry.Add(past)
	}
	for _, item := range le.leaseExpiredNotifier.queue {
		item.time = item.time.Add(past)
	}
}

func heapBytes() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func number(t *testing.T, name string) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil || value < 1 {
		t.Fatalf("%s is to be a positive number", name)
	}
	return value
}

// A backend that keeps nothing.
type nowhere struct{ backend.Backend }

func (nowhere) BatchTx() backend.BatchTx { return nothing{} }
func (nowhere) ReadTx() backend.ReadTx   { return nothing{} }
func (nowhere) ForceCommit()             {}

type nothing struct{ backend.BatchTx }

func (nothing) LockInsideApply()                         {}
func (nothing) LockOutsideApply()                        {}
func (nothing) Lock()                                    {}
func (nothing) Unlock()                                  {}
func (nothing) RLock()                                   {}
func (nothing) RUnlock()                                 {}
func (nothing) UnsafeCreateBucket(backend.Bucket)        {}
func (nothing) UnsafePut(backend.Bucket, []byte, []byte) {}
func (nothing) UnsafeDelete(backend.Bucket, []byte)      {}
func (nothing) UnsafeRange(backend.Bucket, []byte, []byte, int64) ([][]byte, [][]byte) {
	return nil, nil
}
func (nothing) UnsafeForEach(backend.Bucket, func(k, v []byte) error) error { return nil }

type noKeys struct{}

func (noKeys) DeleteRange([]byte, []byte) (int64, int64) { return 0, 0 }
func (noKeys) End()                                      {}
