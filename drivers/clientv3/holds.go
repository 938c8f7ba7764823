package main

import (
	"context"
	"strconv"

	"go.etcd.io/etcd/client/v3/concurrency"
)

// A lock or an office, wanted or held, with a session of its own.
type hold struct {
	// Closed once it is held, or will not be.
	settled chan struct{}
	// Ends the waiting.
	give context.CancelFunc
	// Nil while it is not held.
	session *concurrency.Session
	release func(context.Context) error
	isOver  chan struct{}
}

// Locks and offices are the same but for the calls.
type claim struct {
	take    func(context.Context) error
	release func(context.Context) error
	key     func() string
	// «-» where it does not tell.
	revision func() string
}

func (d *driver) lock(name string, ttl int64) func() error {
	return d.hold(name, ttl, func(session *concurrency.Session) claim {
		mutex := concurrency.NewMutex(session, name)
		unknown := func() string { return "-" }
		return claim{mutex.Lock, mutex.Unlock, mutex.Key, unknown}
	})
}

func (d *driver) campaign(name string, ttl int64) func() error {
	return d.hold(name, ttl, func(session *concurrency.Session) claim {
		election := concurrency.NewElection(session, name)
		take := func(ctx context.Context) error { return election.Campaign(ctx, name) }
		revision := func() string { return strconv.FormatInt(election.Rev(), 10) }
		return claim{take, election.Resign, election.Key, revision}
	})
}

func (d *driver) hold(name string, ttl int64, of func(*concurrency.Session) claim) func() error {
	waiting, give := context.WithCancel(d.ctx)
	one := &hold{settled: make(chan struct{}), give: give, isOver: make(chan struct{})}
	d.holds[name] = one
	return func() error {
		defer close(one.settled)
		session, err := concurrency.NewSession(
			d.client, concurrency.WithTTL(int(ttl)), concurrency.WithContext(d.ctx))
		if err != nil {
			return err
		}
		claimed := of(session)
		if err := claimed.take(waiting); err != nil {
			_ = session.Close()
			return err
		}
		one.session = session
		one.release = claimed.release
		d.say("acquired %s %d %s %s", name, session.Lease(), claimed.revision(), claimed.key())
		go func() {
			select {
			case <-session.Done():
				d.say("yielded %s", name)
			case <-one.isOver:
			}
		}()
		return nil
	}
}

// What is held is given back, what is waited for is waited for no more; its session is closed.
func (d *driver) giveBack(name string) func() error {
	one := d.holds[name]
	if one == nil {
		return func() error { return errNone }
	}
	delete(d.holds, name)
	one.give()
	close(one.isOver)
	return func() error {
		<-one.settled
		if one.session == nil {
			return nil
		}
		err := one.release(d.ctx)
		if closed := one.session.Close(); err == nil {
			err = closed
		}
		return err
	}
}
