"""A small lease client, to be fuzzed: npx leasehold fuzz -- python3 lease_client.py

It is told in lines what to do, and says in lines what happens (docs/CLIENT-PROTOCOL.md).
"""

import collections, json, os, sys, threading, time, urllib.request
from concurrent.futures import ThreadPoolExecutor

URL = os.environ["LEASEHOLD_ENDPOINT"]
ids = {}  # name: id of all leases that were granted
kept = {}  # name: id of those that are renewed
closed = threading.Event()
speaking = threading.Lock()
# What is revoked has been granted before: a lease hears of one thing after the other.
in_turn = collections.defaultdict(lambda: ThreadPoolExecutor(1))


def say(*words):
    with speaking:
        print(*words, flush=True)


def post(path, patience, **fields):
    request = urllib.request.Request(URL + path, json.dumps(fields).encode())
    with urllib.request.urlopen(request, timeout=max(patience, 0.001)) as response:
        return json.loads(response.readline())  # one answer a line


def grant(name, ttl):
    sent = time.monotonic()
    granted = post("/v3/lease/grant", 5, TTL=ttl)
    ids[name] = granted["ID"]
    if closed.is_set():
        return
    kept[name] = ids[name]
    say("granted", name, ids[name], granted["TTL"])
    threading.Thread(target=keep_alive, args=(name, int(granted["TTL"]), sent), daemon=True).start()


def keep_alive(name, ttl, sent):
    until = sent + ttl  # counted from when it was asked for: the server counts from later
    pause = ttl / 3
    while True:
        time.sleep(max(0, min(pause, until - time.monotonic())))
        asked, lease = time.monotonic(), kept.get(name)
        if lease is None:
            return  # it was given up meanwhile
        if asked >= until:
            return lost(name, "its time is up")
        try:
            answer = post("/v3/lease/keepalive", (until - asked) / 2, ID=lease)["result"]
        except (OSError, ValueError, KeyError):
            pause = min(0.3, ttl / 10)
            continue
        if int(answer.get("TTL", 0)) <= 0:
            return lost(name, "it is gone")
        until, pause = asked + ttl, ttl / 3
        say("renewed", name, ttl)


def lost(name, why):
    if kept.pop(name, None) is not None:
        say("lost", name, why)


def perform(call, what, name, ttl="", *_):
    try:
        if closed.is_set():
            raise OSError("it is closed")
        if what == "grant":
            grant(name, int(ttl))
        elif what == "revoke" and name in ids:
            kept.pop(name, None)
            post("/v3/lease/revoke", 5, ID=ids[name])
        elif what == "release":
            kept.pop(name, None)
        elif what == "close":
            closed.set()
            kept.clear()
        say("done", call)
    except (OSError, ValueError) as error:
        say("failed", call, error)


say("except FUZZ-19 each call has a connection of its own")
say("ready lease")
for line in sys.stdin:
    call, what, name, *more = line.split() + [""]
    in_turn[name].submit(perform, call, what, name, *more)
