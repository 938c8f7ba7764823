// Go's clientv3 as a client under test: its leases, and its package of sessions, locks and
// elections, each used as its documentation shows. Reads what it is to do from stdin, a line each,
// and tells what happens to it on stdout; docs/CLIENT-PROTOCOL.md has the words.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

type driver struct {
	ctx    context.Context
	stop   context.CancelFunc
	client *clientv3.Client
	leases map[string]*lease
	holds  map[string]*hold
	output sync.Mutex
}

func main() {
	client, err := clientv3.New(clientv3.Config{
		Endpoints: []string{os.Getenv("LEASEHOLD_ENDPOINT")},
		Logger:    zap.NewNop(),
		// How long it waits is left to chance otherwise, and stories could not be told again.
		BackoffJitterFraction: 1e-12,
		DialOptions:           []grpc.DialOption{grpc.WithConnectParams(withoutJitter())},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, stop := context.WithCancel(context.Background())
	d := &driver{
		ctx: ctx, stop: stop, client: client,
		leases: map[string]*lease{}, holds: map[string]*hold{},
	}
	d.say("ready lease put lock election")
	lines := bufio.NewScanner(stdin())
	for lines.Scan() {
		d.told(strings.Fields(lines.Text()))
	}
}

// As gRPC connects by default, but for the jitter.
func withoutJitter() grpc.ConnectParams {
	config := backoff.DefaultConfig
	config.Jitter = 0
	return grpc.ConnectParams{Backoff: config, MinConnectTimeout: 20 * time.Second}
}

// In Go's poller, so that no thread of ours is in the kernel while there is nothing to do.
func stdin() *os.File {
	if err := syscall.SetNonblock(0, true); err != nil {
		return os.Stdin
	}
	return os.NewFile(0, "stdin")
}

// Begins what a line asks for. What is remembered of it is so before the next line is read.
func (d *driver) told(words []string) {
	if len(words) < 2 {
		return
	}
	call, words := words[0], append(words[1:], "", "")
	name, ttl := words[1], seconds(words[2])
	switch words[0] {
	case "grant":
		d.does(call, d.grant(name, ttl))
	case "revoke":
		d.does(call, d.revoke(name))
	case "release":
		d.does(call, d.release(name))
	case "put":
		d.does(call, d.put(name, words[2]))
	case "lock":
		d.does(call, d.lock(name, ttl))
	case "campaign":
		d.does(call, d.campaign(name, ttl))
	case "unlock", "resign":
		d.does(call, d.giveBack(name))
	case "close":
		d.does(call, d.close)
	default:
		d.say("failed %s there is no %s", call, words[0])
	}
}

func (d *driver) does(call string, work func() error) {
	go func() {
		if err := work(); err != nil {
			d.say("failed %s %s", call, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			d.say("done %s", call)
		}
	}()
}

func (d *driver) close() error {
	d.stop()
	err := d.client.Close()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (d *driver) say(format string, values ...any) {
	d.output.Lock()
	defer d.output.Unlock()
	fmt.Printf(format+"\n", values...)
}

func seconds(word string) int64 {
	value, _ := strconv.ParseInt(word, 10, 64)
	return value
}
