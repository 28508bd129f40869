#!/usr/bin/env bash
# Fuzz the SQL functions: mutated tokens, keys, headers and requests in a server
# whose extension is built with the sanitizers.
#
#	test/fuzz/sql/run.sh [N]
#
# N mutated inputs (100000).  FUZZ_SEED=... takes another path of mutations.  A
# copy of the checkout is built in .run/fuzz/sql, with a private server of its
# own, so the checkout's objects stay as they are.  What a sanitizer reports
# lies in the folder of the server's log; fuzz.py prints the statement.
#
# The server itself is the ordinary one: what the extension does inside a block
# of palloc's is seen by UBSan and by the answers, not by ASan.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"
cd "$top"

n=${1:-100000}
[[ $n =~ ^[1-9][0-9]*$ ]] || die "\"$n\" is no number of inputs"
command -v python3 >/dev/null || die 'python3 is missing'
find_pg_config

base=$(run_folder)
make_own_folder "$base"
make_own_folder "$base/fuzz"
copy=$base/fuzz/sql
make_own_folder "$copy"
unset MAKEFLAGS MAKELEVEL
export COPT='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
# The server's clang need not have these sanitizers, and bitcode is not fuzzed.
export MAKEFLAGS=' -- with_llvm=no'

step 'building'
for part in src sql; do
	mkdir -p "$copy/$part"
	# times are kept, so that only what has changed is built again
	(cd "$part" && find . -name '*.[ch]' -o -name '*.sql' -o -name install.list) | tar -C "$part" -cf - -T - | tar -C "$copy/$part" -xf -
done
mkdir -p "$copy/test"
cp -p Makefile META.json oauth_jwt.control LICENSE "$copy/"
cp -p test/cluster.sh test/lib.sh "$copy/test/"

cluster=$copy/test/cluster.sh
trap '"$cluster" stop asan' EXIT
"$cluster" start asan --fresh
eval "$("$cluster" env asan)"
data=$(psql -X -At -c 'SHOW data_directory')

step 'starting the server under AddressSanitizer'
"${CC:-cc}" -shared -fPIC -o "$copy/no_gettext.so" test/fuzz/sql/no_gettext.c
"${CC:-cc}" -shared -fPIC -I"$("$PG_CONFIG" --includedir-server)" -o "$copy/heap.so" test/fuzz/sql/heap.c
preload="$("${CC:-cc}" -print-file-name=libasan.so) $copy/no_gettext.so"
sanitizer="log_path=${OAUTH_JWT_LOG%/*}/sanitizer:abort_on_error=1:print_stacktrace=1"
as_server rm -f "${OAUTH_JWT_LOG%/*}"/sanitizer.*
(cd / && as_server env LD_PRELOAD="$preload" UBSAN_OPTIONS="$sanitizer" \
	ASAN_OPTIONS="$sanitizer:detect_leaks=0:quarantine_size_mb=4" \
	"${PG_CONFIG%/*}/pg_ctl" restart -s -w -t 60 -D "$data" -l "$OAUTH_JWT_LOG" >/dev/null </dev/null)

step 'sql'
psql -X -q -v ON_ERROR_STOP=1 \
	-c "CREATE FUNCTION public.fuzz_heap_bytes() RETURNS bigint LANGUAGE c AS '$copy/heap.so'"
if ! python3 -B test/fuzz/sql/fuzz.py "$n"; then
	as_server sh -c 'cat "$1"/sanitizer.* 2>/dev/null' sh "${OAUTH_JWT_LOG%/*}" | head -n 60 >&2
	die 'failed: sql' "the server's log: $OAUTH_JWT_LOG"
fi
