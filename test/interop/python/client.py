"""Uses an etcd through python3-etcd3, as it comes, and prints a line for each thing it saw."""

import sys

import etcd3

etcd = etcd3.client(host="127.0.0.1", port=int(sys.argv[1]), timeout=10)


def said(what, value):
    print(f"{what}: {value}", flush=True)


etcd.put("py/a", "1")
said("get", etcd.get("py/a")[0])
lease = etcd.lease(30)
etcd.put("py/b", "2", lease=lease)
said("lease", (lease.ttl, lease.granted_ttl, list(lease.keys)))
said("refresh", [reply.TTL for reply in lease.refresh()])
events, cancel = etcd.watch_prefix("py/")
etcd.put("py/c", "3")
etcd.delete("py/c")
said("watch", [type(next(events)).__name__ for _ in range(2)])
cancel()
compare = [etcd.transactions.value("py/a") == "1", etcd.transactions.version("py/z") == 0]
succeeded, _ = etcd.transaction(
    compare=compare, success=[etcd.transactions.put("py/t", "yes")], failure=[]
)
said("txn", succeeded)
with etcd.lock("py-lock", ttl=20) as lock:
    said("lock", lock.is_acquired())
said("prefix", sorted(meta.key for _, meta in etcd.get_prefix("py/")))
lease.revoke()
said("revoke", etcd.get("py/b")[0])
said("replace", etcd.replace("py/a", "1", "2"))
said("status", (etcd.status().version, len(list(etcd.members))))
said("alarms", list(etcd.list_alarms()))
etcd.defragment()
try:
    etcd.put("py/z", "z", lease=4242)
except Exception as error:  # The library lets gRPC's own error through.
    said("unknown lease", error.details())
