// Uses an etcd as Go programs do: through clientv3, with its package of sessions, locks and
// elections. Prints a line for each thing that went as it should, and stops at the first that did
// not.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   []string{os.Args[1]},
		DialTimeout: 5 * time.Second,
		Logger:      zap.NewNop(),
	})
	must("connect", err)
	defer client.Close()
	keys(ctx, client)
	leases(ctx, client)
	watches(ctx, client)
	locks(ctx, client)
	elections(ctx, client)
}

func keys(ctx context.Context, client *clientv3.Client) {
	_, err := client.Put(ctx, "go/a", "1")
	must("put", err)
	got, err := client.Get(ctx, "go/", clientv3.WithPrefix())
	must("get", err)
	expect("get", got.Count == 1 && string(got.Kvs[0].Value) == "1")
	txn, err := client.Txn(ctx).
		If(clientv3.Compare(clientv3.Value("go/a"), "=", "1")).
		Then(clientv3.OpPut("go/b", "2"), clientv3.OpGet("go/a")).
		Else(clientv3.OpDelete("go/a")).
		Commit()
	must("txn", err)
	expect("txn", txn.Succeeded && len(txn.Responses) == 2)
	_, err = client.Get(ctx, "go/a", clientv3.WithRev(1000))
	expect("future revision", errors.Is(err, rpctypes.ErrFutureRev))
}

func leases(ctx context.Context, client *clientv3.Client) {
	lease, err := client.Grant(ctx, 30)
	must("grant", err)
	_, err = client.Put(ctx, "go/leased", "", clientv3.WithLease(lease.ID))
	must("put with lease", err)
	alive, err := client.KeepAliveOnce(ctx, lease.ID)
	must("keep alive once", err)
	expect("keep alive once", alive.TTL == 30)
	replies, err := client.KeepAlive(ctx, lease.ID)
	must("keep alive", err)
	expect("keep alive", (<-replies).TTL == 30)
	left, err := client.TimeToLive(ctx, lease.ID, clientv3.WithAttachedKeys())
	must("time to live", err)
	expect("time to live", left.GrantedTTL == 30 && string(left.Keys[0]) == "go/leased")
	_, err = client.Revoke(ctx, lease.ID)
	must("revoke", err)
	_, err = client.Revoke(ctx, lease.ID)
	expect("revoke twice", errors.Is(err, rpctypes.ErrLeaseNotFound))
	_, err = client.KeepAliveOnce(ctx, lease.ID)
	expect("keep alive of none", errors.Is(err, rpctypes.ErrLeaseNotFound))
	_, err = client.Grant(ctx, 9000000001)
	expect("too large", errors.Is(err, rpctypes.ErrLeaseTTLTooLarge))
}

func watches(ctx context.Context, client *clientv3.Client) {
	within, stop := context.WithCancel(ctx)
	seen := client.Watch(within, "go/w", clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithCreatedNotify())
	expect("watch created", (<-seen).Created)
	_, err := client.Put(ctx, "go/w1", "x")
	must("put", err)
	_, err = client.Delete(ctx, "go/w1")
	must("delete", err)
	put := (<-seen).Events[0]
	expect("watch put", put.IsCreate() && string(put.Kv.Key) == "go/w1")
	gone := (<-seen).Events[0]
	expect("watch delete", gone.Type == clientv3.EventTypeDelete && string(gone.PrevKv.Value) == "x")
	must("request progress", client.RequestProgress(within))
	progress := <-seen
	expect("progress", progress.IsProgressNotify())
	stop()
	for range seen {
	}
}

func locks(ctx context.Context, client *clientv3.Client) {
	one, err := concurrency.NewSession(client, concurrency.WithTTL(10))
	must("session", err)
	two, err := concurrency.NewSession(client, concurrency.WithTTL(10))
	must("session", err)
	first, second := concurrency.NewMutex(one, "go/lock"), concurrency.NewMutex(two, "go/lock")
	must("lock", first.Lock(ctx))
	expect("locked", errors.Is(second.TryLock(ctx), concurrency.ErrLocked))
	done := make(chan error)
	go func() { done <- second.Lock(ctx) }()
	must("unlock", first.Unlock(ctx))
	must("second lock", <-done)
	must("close session", two.Close())
	must("lock after a session's end", first.Lock(ctx))
	must("close session", one.Close())
}

func elections(ctx context.Context, client *clientv3.Client) {
	session, err := concurrency.NewSession(client, concurrency.WithTTL(10))
	must("session", err)
	election := concurrency.NewElection(session, "go/election")
	must("campaign", election.Campaign(ctx, "me"))
	leader, err := election.Leader(ctx)
	must("leader", err)
	expect("leader", string(leader.Kvs[0].Value) == "me")
	within, stop := context.WithCancel(ctx)
	observed := <-election.Observe(within)
	expect("observe", string(observed.Kvs[0].Value) == "me")
	stop()
	must("resign", election.Resign(ctx))
	_, err = election.Leader(ctx)
	expect("no leader", errors.Is(err, concurrency.ErrElectionNoLeader))
	must("close session", session.Close())
}

func must(what string, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(what string, holds bool) {
	if !holds {
		fmt.Printf("%s: not as it should be\n", what)
		os.Exit(1)
	}
	fmt.Println(what)
}
