// What becomes of a session when its client is cut off, and of the lock that it holds: no second is
// waited for. Start the server first, and give its URL:
//
//	npx leasehold serve --clock virtual
//	go run . http://127.0.0.1:2379
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

func main() {
	url := "http://127.0.0.1:2379"
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	ctx := context.Background()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{url}})
	check(err)
	defer client.Close()

	first, err := concurrency.NewSession(client, concurrency.WithTTL(10))
	check(err)
	lock := concurrency.NewMutex(first, "/reports")
	check(lock.Lock(ctx))

	// Its keep-alives end, as when the process hangs. Its lease goes when its ten seconds are over.
	first.Orphan()
	advance(url, "9999ms")
	if holders(ctx, client) != 1 {
		log.Fatal("the lock is held for as long as the lease lives")
	}
	advance(url, "1ms")

	second, err := concurrency.NewSession(client, concurrency.WithTTL(10))
	check(err)
	check(concurrency.NewMutex(second, "/reports").TryLock(ctx))
	fmt.Println("the lock has passed on")
}

func holders(ctx context.Context, client *clientv3.Client) int64 {
	response, err := client.Get(ctx, "/reports/", clientv3.WithPrefix(), clientv3.WithCountOnly())
	check(err)
	return response.Count
}

func advance(url, by string) {
	response, err := http.Post(url+"/leasehold/v1/clock/advance?by="+by, "", nil)
	check(err)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
