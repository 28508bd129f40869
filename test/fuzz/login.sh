#!/usr/bin/env bash
# Fuzz the log-in: hostile tokens against a validator that is built with the
# sanitizers, on a PostgreSQL of test/matrix, where there are log-ins with a token.
#
#	test/fuzz/login.sh [N] [VERSION]
#
# N hostile tokens (10000) of test/t/login_hostile.pl, on VERSION (18), and before
# them N/10 while each process of the server looks for leaks as it ends, which takes
# most of the time: so what a single log-in leaves behind is reported, by whichever
# library.  Before those the good and bad log-ins of test/t/login.pl, in the same way.
# FUZZ_SEED=... takes other tokens.
#
# The server itself is an ordinary one, started under AddressSanitizer.  The reports,
# and the servers' logs: .run/matrix/VERSION/root/home/fuzz_login/out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$top"

# ---- within the root, as the servers' account ----

# Of the extension, for the server that runs the tests.
stage_sanitized()
{
	export COPT='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
	# bitcode is not fuzzed
	export MAKEFLAGS=' -- with_llvm=no'
	OAUTH_JWT_STAGE_CONF=$(test/cluster.sh stage asan)
	export OAUTH_JWT_STAGE_CONF
}

# A pg_ctl before the server's own on PATH, by which all servers of the tests start.
preload_sanitizer()
{
	mkdir -p "$out/bin"
	"${CC:-cc}" -shared -fPIC -o "$out/no_gettext.so" test/fuzz/sql/no_gettext.c
	cat >"$out/bin/pg_ctl" <<-END
		#!/bin/sh
		exec env LD_PRELOAD="$("${CC:-cc}" -print-file-name=libasan.so) $out/no_gettext.so" "$bin/pg_ctl" "\$@"
	END
	chmod +x "$out/bin/pg_ctl"
	PATH=$out/bin:$bin:$PATH
	export PATH
	# what the postmaster itself keeps to its end, and each backend inherits; of so few frames
	# (malloc_context_size) that its own are in no backend's allocations
	printf 'leak:save_ps_display_args\nleak:PostmasterMain\n' >"$out/suppressions"
}

# run_tests LEAKS TOKENS TEST...
run_tests()
{
	local leaks=$1 tokens=$2 work=$out/leaks$1 quarantine=4 common="log_path=$out/report:abort_on_error=1:print_stacktrace=1"
	shift 2
	mkdir -p "$work"
	# a leak must not change how a process exits: the postmaster would think that it crashed
	ASAN_OPTIONS="$common:detect_leaks=$leaks:malloc_context_size=8:exitcode=0:quarantine_size_mb=$quarantine" UBSAN_OPTIONS="$common" \
		LSAN_OPTIONS="suppressions=$out/suppressions:print_suppressions=0" \
		TESTDIR=$work TESTDATADIR=$work/tmp_check TESTLOGDIR=$work/log PG_TEST_PORT_DIR=$work/ports \
		PG_REGRESS=$pgxs_test/regress/pg_regress HOSTILE_TOKENS=$tokens HOSTILE_SEED=${FUZZ_SEED:-} HOSTILE_GROWTH=$((1024 + quarantine * 1024)) \
		prove --merge --verbose -I "$pgxs_test/perl" -I test/t "$@"
}

# Whose process the server's shutdown ends while it looks for leaks says so in a
# report that has no error.
show_reports()
{
	local reports
	mapfile -t reports < <(grep -lsE 'ERROR: [A-Za-z]+Sanitizer|runtime error:' "$out"/report.*)
	[ ${#reports[@]} -gt 0 ] || return 0
	head -n 60 "${reports[0]}" >&2
	warn "the sanitizers report ${#reports[@]} processes"
	return 1
}

run_inside()
{
	local status=0
	find_pg_config
	bin=$("$PG_CONFIG" --bindir)
	pgxs_test=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
	out=$top/out
	stage_sanitized
	preload_sanitizer
	run_tests 1 $((($1 + 9) / 10)) test/t/login.pl test/t/login_hostile.pl || status=1
	run_tests 0 "$1" test/t/login_hostile.pl || status=1
	show_reports || status=1
	return $status
}

if [ "${1:-}" = inside ]; then
	run_inside "$2"
	exit
fi

# ---- without ----

n=${1:-10000} version=${2:-18}
[[ $n =~ ^[1-9][0-9]*$ ]] || die "\"$n\" is no number of tokens"
[ "$version" -ge 18 ] || die "PostgreSQL $version has no log-ins with a token"
make_own_folder .run
make_own_folder .run/matrix
test/matrix/root.sh make "$version"
step "login: $n tokens, PostgreSQL $version"
# shellcheck disable=SC2016
tar -c --exclude=./.run --exclude=./.git --exclude=./.deps --exclude='*.o' --exclude='*.bc' --exclude='*.so' . |
	test/matrix/root.sh run "$version" bash -c 'cd /home && rm -rf fuzz_login && mkdir fuzz_login && cd fuzz_login && tar -x &&
		exec env FUZZ_SEED="$2" bash test/fuzz/login.sh inside "$1" </dev/null' bash "$n" "${FUZZ_SEED:-}"
