"""What becomes of a key when its lease of ten seconds expires: no second is waited for.

Needs nothing but Python: it talks to etcd's JSON gateway. Start the server first, and give its URL:

    npx leasehold serve --clock virtual
    python3 lease_expires.py http://127.0.0.1:2379
"""

import base64
import json
import sys
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:2379"


def post(path, **fields):
    request = urllib.request.Request(URL + path, json.dumps(fields).encode(), method="POST")
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def advance(by):
    return post("/leasehold/v1/clock/advance", by=by)["now"]


def text(value):
    return base64.b64encode(value.encode()).decode()


def is_there(key):
    return int(post("/v3/kv/range", key=text(key)).get("count", 0)) > 0


lease = post("/v3/lease/grant", TTL=10)["ID"]
post("/v3/kv/put", key=text("session"), value=text("here"), lease=lease)

advance("9999ms")
assert is_there("session")

advance("1ms")
assert not is_there("session")
print("the session is gone")
