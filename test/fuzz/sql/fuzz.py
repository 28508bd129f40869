#!/usr/bin/env python3
"""Call the SQL functions with mutated tokens, keys, headers and requests, and judge what they say.

    fuzz.py [N]             PGHOST and so on name the server; run.sh brings one
    fuzz.py --make-seeds    write seeds.json anew

An answer is refused when it is an error outside class JW, 22 and 54, when it
says yes to what the unmutated rule would not, when it echoes the token or a
secret, or when the backend dies.  From 100,000 inputs on, its memory must be
no more at their end than after a fifth of them.
"""
import collections
import json
import os
import random
import sys
import time

import judge
import libpq
from mutate import Mutator
from targets import TARGETS, Fuzzer

HERE = os.path.dirname(os.path.abspath(__file__))
# A leak of 4 bytes an input shows.  Of what is resident, the sanitizer's quarantine alone breathes by 4 MB.
HEAP_SLACK = 256 * 1024
TOKEN_CACHE = 1024 * 1024   # its bound; it fills slowly, since few inputs are good
RSS_SLACK = 16 * 1024 * 1024
FINDINGS_SHOWN = 20


def memory_of(connection):
    """The backend's memory in bytes: live on its heap but for the token cache, the token cache, resident."""
    heap, tokens = (int(value) for value in connection.rows(
        "SELECT public.fuzz_heap_bytes(), (SELECT coalesce(sum(total_bytes), 0) FROM pg_backend_memory_contexts"
        " WHERE name = 'oauth_jwt tokens')")[0])
    with open("/proc/%d/status" % connection.pid, encoding="ascii") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))
    return heap - tokens, tokens, resident * 1024


def contexts_of(connection):
    return {name.decode(): int(size) for name, size in connection.rows(
        "SELECT name, sum(total_bytes) FROM pg_backend_memory_contexts GROUP BY name")}


def run(connection, seeds, client, n, seed):
    chance = random.Random(seed)
    fuzzer = Fuzzer(connection, seeds, chance, Mutator(chance), client)
    outcomes = collections.Counter()
    by_target = collections.Counter()
    findings = []
    slowest = (0, "")
    early, early_contexts = None, {}
    begun = time.monotonic()
    names = [name for name, weight in TARGETS for _ in range(weight)]

    for i in range(1, n + 1):
        name = chance.choice(names)
        before = time.monotonic()
        try:
            outcome = getattr(fuzzer, name)()
        except judge.Finding as finding:
            outcome = "FINDING"
            findings.append("%s, input %d: %s\n%s" % (name, i, finding, fuzzer.last()))
        except libpq.Died as death:
            print("\nthe backend died at input %d, %s: %s\n%s" % (i, name, death, fuzzer.last()[:20000]))
            return 1
        outcomes[outcome] += 1
        by_target[name, outcome == "ok"] += 1
        slowest = max(slowest, (time.monotonic() - before, name))
        if i == max(n // 5, 1):
            early, early_contexts = memory_of(connection), contexts_of(connection)
        if i % max(n // 20, 1) == 0 or i == n:
            print("sql %8d of %d   %6.0f/s   %d accepted   %d findings   slowest %.0f ms (%s)   heap %d kB" %
                  (i, n, i / (time.monotonic() - begun), outcomes["ok"], len(findings), slowest[0] * 1000, slowest[1],
                   memory_of(connection)[0] / 1024), flush=True)

    late = memory_of(connection)
    print("\n%-32s %8s %8s" % ("function", "accepted", "refused"))
    for name, _ in TARGETS:
        print("%-32s %8d %8d" % (name, by_target[name, True], by_target[name, False]))
    print("\n" + "   ".join("%s %d" % item for item in sorted(outcomes.items())))
    print("\n%-32s %14s %14s %14s" % ("memory, bytes", "heap", "token cache", "resident"))
    print("%-32s %14d %14d %14d" % ("after %d" % max(n // 5, 1), *early))
    print("%-32s %14d %14d %14d" % ("after %d" % n, *late))
    for name, size in sorted(contexts_of(connection).items()):
        if size != early_contexts.get(name, 0):
            print("    %-28s %14d %14d" % (name, early_contexts.get(name, 0), size))
    for finding in findings[:FINDINGS_SHOWN]:
        print("\n" + finding[:3000])
    # before that the caches are still filling
    if n >= 100000 and (late[0] - early[0] > HEAP_SLACK or late[1] > TOKEN_CACHE or late[2] - early[2] > RSS_SLACK):
        print("\nthe backend's memory grows with the calls")
        return 1
    return 1 if findings else 0


def prepare(connection, seeds):
    connection.rows("CREATE EXTENSION IF NOT EXISTS oauth_jwt")
    connection.rows("SET statement_timeout = '30s'")
    for seed in seeds["jws"]:
        key = seed["key"]
        if key["kty"] == "oct":
            connection.rows("SELECT jwt.trust_issuer($1, secret => $2, algorithms => ARRAY[$3])",
                            seed["issuer"], json.dumps(key), seed["alg"])
        else:
            connection.rows("SELECT jwt.trust_issuer($1, jwks => jwt.public_key($2::jsonb))", seed["issuer"], json.dumps(key))


def make_client(connection):
    """An authorization server; a client's id and secret."""
    connection.rows("SELECT oauth.create_issuer('https://auth.example.com')")
    connection.rows("SELECT oauth.create_resource('https://api.example.com', 'API', '{\"read\": \"Read\"}', is_default => true)")
    row = connection.rows("SELECT client_id, client_secret FROM oauth.create_client('Fuzz', scopes => '{read}', grant_types => '{client_credentials}')")[0]
    return tuple(value.decode() for value in row)


def main(arguments):
    connection = libpq.Connection()
    path = os.path.join(HERE, "seeds.json")
    if arguments == ["--make-seeds"]:
        import make_seeds
        connection.rows("CREATE EXTENSION IF NOT EXISTS oauth_jwt")
        make_seeds.write(connection, path)
        return 0
    with open(path, encoding="ascii") as file:
        seeds = json.load(file)
    seed = int(os.environ.get("FUZZ_SEED", "1"), 0)
    n = int(arguments[0]) if arguments else 100000
    print("sql: %d inputs, FUZZ_SEED=%d" % (n, seed))
    prepare(connection, seeds)
    return run(connection, seeds, make_client(connection), n, seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
