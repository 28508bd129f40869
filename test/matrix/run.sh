#!/usr/bin/env bash
# The tests on every PostgreSQL version that a Debian suite has, or on those named,
# each in a root of its own (root.sh) from a copy of this checkout.
#
#	test/matrix/run.sh [VERSION]...      there are: 15 17 18 19
#
# From the environment: STAGES, and what test/run.sh takes.  The last line is
# "N passed, N failed, N skipped".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

[ $# -gt 0 ] || set -- 15 17 18 19
stages=${STAGES:-build unit regress isolation tap}
logs=$top/.run/matrix/logs
make_own_folder "$top/.run"
make_own_folder "$top/.run/matrix"
mkdir -p "$logs"
exec 9>"$top/.run/matrix/lock"
flock -n 9 || die 'another "make test-matrix" runs in this checkout'

enter() { "$top/test/matrix/root.sh" run "$version" "$@"; }

# In the root: a new copy of the checkout, from standard input, and its tests.
# shellcheck disable=SC2016
in_root='rm -rf oauth_jwt && mkdir oauth_jwt && cd oauth_jwt && tar -x && stages=$1 && shift && exec env "$@" bash test/run.sh $stages </dev/null'

run_tests()
{
	local settings=() name
	for name in REGRESS ISOLATION TAP TEST_TIMEOUT; do
		[ -z "${!name:-}" ] || settings+=("$name=${!name}")
	done
	[ "$version" != 19 ] || settings+=(WITHOUT=plpgsql_check)
	(cd "$top" && tar -c --exclude=./.run --exclude=./.git --exclude=./.deps --exclude='*.o' --exclude='*.bc' --exclude='*.so' .) |
		enter bash -c "cd /home && $in_root" bash "$stages" "${settings[@]}"
}

# The counts of a version's log; a run that did not come to its end has failed.
count()
{
	perl -ne '($p, $f, $s) = ($1, $2, $3 // 0) if /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
		END { print defined $p ? "$p $f $s" : "0 1 0" }' "$1"
}

table=() total_passed=0 total_failed=0 total_skipped=0
for version; do
	"$top/test/matrix/root.sh" make "$version"
	step "PostgreSQL $version: $stages"
	log=$logs/$version.log
	started=$SECONDS status=0
	run_tests 2>&1 | tee "$log" | sed -u -n -E '/^(.\[1m)?==>/p; /^ +([a-z_.\/]+: )?not ok|FAILED|SKIP|^ +\|/p; s/^    ([0-9]+ passed.*)/    \1/p' || status=$?
	read -r passed failed skipped <<<"$(count "$log")"
	[ $status -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
	server=$(sed -n 's/^.*    PostgreSQL \([0-9][^ ]*\) .*pg_config.*/\1/p' "$log" | head -n 1)
	missing=$(sed -n 's/^.*SKIPPED: \([a-z_]*\),.*/\1 NOT RUN: not packaged/p' "$log")
	table+=("$failed|$(printf '%-12s %8s %8s %8s %8s  %s' "${server:-$version}" "$passed" "$failed" "$skipped" "$((SECONDS - started))" "$stages")${missing:+; $missing}")
	total_passed=$((total_passed + passed))
	total_failed=$((total_failed + failed))
	total_skipped=$((total_skipped + skipped))
	[ "$failed" -eq 0 ] || note "all of it: ${log#"$top/"}"
done

echo
printf '%s%-12s %8s %8s %8s %8s  %s%s\n' "$bold" PostgreSQL passed failed skipped seconds stages "$plain"
for row in "${table[@]}"; do
	colour=$green
	[ "${row%%|*}" = 0 ] || colour=$red
	printf '%s%s%s\n' "$colour" "${row#*|}" "$plain"
done
echo 'interop and doc run on the machine'\''s own version only: make test'
echo
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" -eq 0 ]
