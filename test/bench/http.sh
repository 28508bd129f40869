#!/usr/bin/env bash
# Measure the authorization server over HTTP, each thing beside the one it is
# compared with: what nginx and PostgREST take for functions that do next to
# nothing.  On deploy's files, with wrk.
#
#	test/bench/http.sh [ROUNDS [SECONDS]]
#
# A report, not a test: nothing fails because a machine is slow.  It does fail when
# an answer is none that it should be.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

step 'looking for what is needed'
"$top/test/setup.sh" build interop bench

step 'starting a server, PostgREST, nginx and the gateway'
"$top/test/cluster.sh" start bench-http --fresh jit=off autovacuum=off
trap '"$top/test/cluster.sh" stop bench-http' EXIT
eval "$("$top/test/cluster.sh" env bench-http)"
# shellcheck source=../interop/oauth_site.bash
. "$top/test/interop/oauth_site.bash"
mkdir -p "$work/gateway"	# Node looks for modules beside it
cp "$top/deploy/gateway/gateway.mjs" "$work/gateway/"
export PYTHONPATH=$here BENCH_ROUNDS=${1:-5} BENCH_SECONDS=${2:-3}
run_behind_nginx ../bench/over_http.py
