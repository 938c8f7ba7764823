package main

import (
	"context"
	"errors"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// One that is granted and then kept alive, until it is told to end or is lost.
type lease struct {
	// Closed once the grant was answered, or failed.
	granted chan struct{}
	id      clientv3.LeaseID
	// Ends its renewals.
	alive context.Context
	end   context.CancelFunc
}

func (d *driver) grant(name string, ttl int64) func() error {
	alive, end := context.WithCancel(d.ctx)
	one := &lease{granted: make(chan struct{}), alive: alive, end: end}
	d.leases[name] = one
	return func() error {
		answer, err := d.client.Grant(d.ctx, ttl)
		if err != nil {
			close(one.granted)
			return err
		}
		one.id = answer.ID
		close(one.granted)
		if alive.Err() != nil {
			return nil
		}
		replies, err := d.client.KeepAlive(alive, answer.ID)
		if err != nil {
			return err
		}
		d.say("granted %s %d %d", name, answer.ID, answer.TTL)
		go d.follow(name, one, replies)
		return nil
	}
}

// Its channel has an answer for each renewal, and is closed when the lease is lost.
func (d *driver) follow(name string, one *lease, replies <-chan *clientv3.LeaseKeepAliveResponse) {
	for reply := range replies {
		d.say("renewed %s %d", name, reply.TTL)
	}
	if one.alive.Err() == nil {
		d.say("lost %s its channel is closed", name)
		one.end()
	}
}

func (d *driver) revoke(name string) func() error {
	one := d.leases[name]
	if one == nil {
		return func() error { return errNone }
	}
	one.end()
	return func() error {
		<-one.granted
		if one.id == clientv3.NoLease {
			return nil
		}
		_, err := d.client.Revoke(d.ctx, one.id)
		return err
	}
}

func (d *driver) release(name string) func() error {
	one := d.leases[name]
	return func() error {
		if one == nil {
			return errNone
		}
		one.end()
		return nil
	}
}

func (d *driver) put(name, key string) func() error {
	one := d.leases[name]
	return func() error {
		if one == nil {
			return errNone
		}
		<-one.granted
		if one.id == clientv3.NoLease || one.alive.Err() != nil {
			return errOver
		}
		_, err := d.client.Put(d.ctx, key, "", clientv3.WithLease(one.id))
		return err
	}
}

var (
	errNone = errors.New("there is none of that name")
	errOver = errors.New("its lease is over")
)
