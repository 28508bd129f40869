#!/usr/bin/env bash
# Build and test: everything, or the stages named.
#
#	test/run.sh [build] [unit] [regress] [isolation] [tap] [interop] [doc]
#
# build      the extension, warnings as errors
# unit       the JOSE core alone, under the sanitizers       test/unit/*_test.c
# regress    pgTAP through pg_regress                        test/sql/*.sql
# isolation  races                                           test/specs/*.spec
# tap        whole servers: upgrade, crash, replica, HTTP    test/t/*.pl
# interop    other programs, when there are scripts          test/interop/*.sh
# doc        the documentation's examples, when there is     test/doc/run.sh
#
# interop scripts and test/doc/run.sh print TAP, and find the private server
# "test" through PGHOST and its kin.  From the environment: PG_CONFIG; REGRESS,
# ISOLATION, TAP (names) to run only some; TEST_TIMEOUT, seconds for a stage;
# WITHOUT=plpgsql_check, where that is not packaged: its test counts as skipped.
#
# The last line is "N passed, N failed", with ", N skipped" if there are any.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

all_stages='build unit regress isolation tap interop doc'
stages=${*:-$all_stages}
for stage in $stages; do
	[[ " $all_stages " == *" $stage "* ]] || die "no stage \"$stage\"" "there are: $all_stages"
done
wanted() { [[ " $stages " == *" $1 "* ]]; }

case ${WITHOUT:-} in
	'' | plpgsql_check) ;;
	*) die "WITHOUT=$WITHOUT: only plpgsql_check can be done without" ;;
esac

shopt -s nullglob
interop_scripts=(test/interop/*.sh)
shopt -u nullglob

groups='build test'
if wanted interop && [ ${#interop_scripts[@]} -gt 0 ]; then
	groups="$groups interop"
fi
step 'looking for what is needed'
# shellcheck disable=SC2086
test/setup.sh $groups
set_server_prefix		# there may be an account "postgres" only now
find_pg_config
pgxs=$("$PG_CONFIG" --pgxs)
pgxs_test=$(dirname "$pgxs")/../test
note "$("$PG_CONFIG" --version), $PG_CONFIG"

umask 022
make_own_folder .run
exec 9>.run/test.lock
if ! flock -n 9; then
	step 'waiting for another "make test" in this checkout'
	flock 9
fi

base=$(run_folder)
[ "$base" = "$top/.run" ] || note "servers live in $base (see run_folder in test/lib.sh)"
logs=$top/.run/logs
results=.run/results
rm -rf "$logs" "$results"
mkdir -p "$logs" "$results"

# Whatever happens, leave no process behind: a stage is a process group of its
# own, to be ended as a whole, and its servers are stopped by name.
group=''
end_group()
{
	[ -z "$group" ] || kill -TERM -- "-$group" 2>/dev/null || true
	group=''
}

# Servers of TAP tests that had no chance to stop them.
stop_strays()
{
	local file pid
	while read -r file; do
		pid=$(postmaster "$(dirname "$file")") && as_server kill -QUIT "$pid" || true
	done < <(cd / && as_server find "$base/tap/out" -name postmaster.pid 2>/dev/null)
}

stop_servers()
{
	"$top/test/cluster.sh" stop test 9>&- || true
	stop_strays
}
trap 'end_group; sleep 0.5; stop_servers' EXIT
trap 'exit 130' INT TERM HUP

total_passed=0 total_failed=0 total_skipped=0
table=()

# Run a command for at most TEST_TIMEOUT seconds.
limited() { timeout --foreground -k 10 "${TEST_TIMEOUT:-600}" "$@" 9>&-; }

# Everything into the log; to the reader a line for each test that is done.
show()
{
	tee -a "$log" | sed -u -n -E -e 's/ \( *[0-9.]+ usr .*//' \
		-e 's/^(\[[0-9:]+\] )?(.*[^.]) \.\.+ (.*)$/    \2 .. \3/p; s/^(not )?ok [0-9]+ .*/    &/p; s/^(Dubious|Failed [0-9]).*/        &/p'
}
show_build() { tee -a "$log" | sed -u -n -E 's/^.* -o ([^ ]+) .*/    \1/p'; }

# The server that stages share: new for every run, and not afraid of power cuts.
server_is_up=''
start_server()
{
	[ -z "$server_is_up" ] || return 0
	"$top/test/cluster.sh" start test --fresh fsync=off full_page_writes=off 9>&- | sed 's/^/    /'
	eval "$("$top/test/cluster.sh" env test)"
	server_is_up=yes
}

#
# For each stage: prepare_X (in this shell, if there is one), stage_X (in a
# subshell; its status tells whether its command was content) and count_X, which
# prints "passed failed skipped" and then what a reader should know.
#
stage_build() { build WERROR=1 check-version all 2>&1 | show_build; }
count_build() { echo 0 0 0; }

# prove keeps each program's raw TAP for tally.pl to count.
run_prove() { PERL_TEST_HARNESS_DUMP_TAP=$results/$stage limited prove --merge --timer "$@" 2>&1 | show; }
count_tap_files() { perl test/tally.pl tap "$log" "$results/$stage"; }

stage_unit()
{
	local source programs=()
	build unit-build 2>&1 | show_build || return
	for source in test/unit/*_test.c; do
		[ ! -f "$source" ] || programs+=(".run/unit/$(basename "$source" .c)")
	done
	[ ${#programs[@]} -eq 0 ] || run_prove --exec '' -j"$(nproc)" "${programs[@]}"
}
count_unit() { count_tap_files; }

# Both pg_regress stages go through the target that users have.  pg_regress gives
# up altogether where a test's expected output is missing; with an empty file in
# its place it fails that one test and shows its whole output.
run_installcheck()
{
	local kind=$1 file name
	shift
	mkdir -p "$results/$stage/expected"
	for file in expected/*.out; do
		[ ! -f "$file" ] || ln -s "../../../../$file" "$results/$stage/expected/"
	done
	for file in test/"$kind"/*; do
		name=$(basename "${file%.*}")
		[ -f "expected/$name.out" ] || : >"$results/$stage/expected/$name.out"
	done
	limited make -s --no-print-directory PG_CONFIG="$PG_CONFIG" RESULTS="$results/$stage" \
		"$@" installcheck 2>&1 | show
}
prepare_regress() { start_server; }
stage_regress() { run_installcheck sql ISOLATION= ${REGRESS:+REGRESS="$REGRESS"}; }
count_regress()
{
	local passed failed skipped notes
	notes=$(perl test/tally.pl regress "$log" "$results/regress/results") || return
	read -r passed failed skipped <<<"$notes"
	if [ -n "${WITHOUT:-}" ] && [ -z "${REGRESS:-}" ]; then
		skipped=$((skipped + 1))
		notes="$notes"$'\n'"SKIPPED: $WITHOUT, which is not to be had for this server"
	fi
	echo "$passed $failed $skipped"
	tail -n +2 <<<"$notes"
}

prepare_isolation() { start_server; }
stage_isolation() { run_installcheck specs REGRESS= ${ISOLATION:+ISOLATION="$ISOLATION"}; }
count_isolation() { perl test/tally.pl isolation "$log"; }

# TAP tests make servers of their own.  So they run as the servers' account, and
# where that account cannot read the checkout, from a copy.
prepare_tap()
{
	PATH=$("$PG_CONFIG" --bindir):$PATH
	OAUTH_JWT_STAGE_CONF=$base/test/stage.conf
	export PATH OAUTH_JWT_STAGE_CONF
	[ -n "$server_is_up" ] || "$top/test/cluster.sh" stage test 9>&- >/dev/null
}
stage_tap()
{
	local tree=$top work=$base/tap tests=()
	stop_strays
	rm -rf "$work"
	mkdir "$work"
	mkdir -m 700 "$work/out"
	[ "$EUID" -ne 0 ] || chown "$(server_account)" "$work/out"
	if [ "$base" != "$top/.run" ]; then
		tree=$work/tree
		mkdir "$tree"
		tar -c --exclude=./.run --exclude=./.git . | tar -x --no-same-owner -C "$tree"
	fi
	cd "$tree"
	if [ -n "${TAP:-}" ]; then
		for name in $TAP; do tests+=("test/t/${name%.pl}.pl"); done
	else
		shopt -s nullglob
		tests=(test/t/*.pl)
	fi
	[ ${#tests[@]} -eq 0 ] || PERL_TEST_HARNESS_DUMP_TAP=$work/out/tap TESTDIR=$work/out \
		TESTDATADIR=$work/out/tmp_check TESTLOGDIR=$work/out/tmp_check/log \
		PG_TEST_PORT_DIR=$work/out/ports PG_REGRESS=$pgxs_test/regress/pg_regress \
		limited "${server_prefix[@]}" prove --merge --timer -I "$pgxs_test/perl" -I "$tree/test/t" \
		"${tests[@]}" 2>&1 | show
}
count_tap()
{
	perl test/tally.pl tap "$log" "$base/tap/out/tap"
}

prepare_interop() { start_server; }
stage_interop() { [ ${#interop_scripts[@]} -eq 0 ] || run_prove --exec bash "${interop_scripts[@]}"; }
count_interop() { count_tap_files; }

prepare_doc() { start_server; }
stage_doc() { [ ! -f test/doc/run.sh ] || run_prove --exec bash test/doc/run.sh; }
count_doc() { count_tap_files; }

# Is there anything to run?  These two stages come with their scripts.
has_tests()
{
	case $1 in
		interop) [ ${#interop_scripts[@]} -gt 0 ] ;;
		doc) [ -f test/doc/run.sh ] ;;
		*) true ;;
	esac
}

# The part of a failed stage's log that tells why.
explain()
{
	case $stage in
		regress | isolation)
			if [ -s "$results/$stage/regression.diffs" ]; then
				head -n 100 "$results/$stage/regression.diffs"
				echo "where the new output is right: cp .run/results/$stage/results/NAME.out expected/"
			else
				tail -n 30 "$log"
			fi
			;;
		unit | tap | interop | doc)
			if grep -q '^Test Summary Report' "$log"; then
				sed -n '/^Test Summary Report/,/^Result/p' "$log" | head -n 40
			else
				tail -n 40 "$log"
			fi
			[ "$stage" != tap ] || echo "servers' logs and data: $base/tap/out/tmp_check"
			;;
		build) tail -n 40 "$log" ;;
	esac | sed 's/^/    | /'
	note "all of it: ${log#"$top/"}"
}

run_stage()
{
	local status=0 started=$EPOCHREALTIME passed failed skipped notes seconds
	if ! has_tests "$stage"; then
		note "$stage: no scripts in this tree"
		return
	fi
	step "$stage"
	log=$logs/$stage.log
	: >"$log"
	! declare -F "prepare_$stage" >/dev/null || "prepare_$stage"
	set -m
	("stage_$stage") </dev/null &
	group=$!
	set +m
	wait "$group" || status=$?
	[ $status -ne 124 ] || end_group
	group=''
	notes=$("count_$stage") && [[ $notes =~ ^[0-9]+\ [0-9]+\ [0-9]+ ]] || notes='0 1 0'
	read -r passed failed skipped <<<"$notes"
	notes=$(tail -n +2 <<<"$notes")

	[ -z "$notes" ] || head -n 100 <<<"$notes" | sed 's/^/    /'
	if [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then
		failed=1
		[ $status -ne 124 ] || note "stopped after ${TEST_TIMEOUT:-600} s"
	elif [ "$stage" != build ] && [ $((passed + failed + skipped)) -eq 0 ]; then
		failed=1
		echo "$stage ran no tests at all" | tee -a "$log" >/dev/null
	fi
	[ "$failed" -eq 0 ] || explain

	seconds=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
	table+=("$stage $passed $failed $skipped $seconds")
	total_passed=$((total_passed + passed))
	total_failed=$((total_failed + failed))
	total_skipped=$((total_skipped + skipped))
	[ "$stage" = build ] || note "$passed passed, $failed failed, $skipped skipped"
	note "$seconds s"
	# Without a build there is nothing to test.
	[ "$stage" != build ] || [ "$failed" -eq 0 ] || return 1
}

for stage in $all_stages; do
	if wanted "$stage"; then
		run_stage || break
	fi
done

stop_servers
trap - EXIT

echo
printf '%s%-10s %8s %8s %8s %8s%s\n' "$bold" stage passed failed skipped seconds "$plain"
for row in "${table[@]}"; do
	read -r stage passed failed skipped seconds <<<"$row"
	colour=$green
	[ "$failed" -eq 0 ] || colour=$red
	printf '%s%-10s %8s %8s %8s %8s%s\n' "$colour" "$stage" "$passed" "$failed" "$skipped" "$seconds" "$plain"
done
echo
summary="$total_passed passed, $total_failed failed"
[ "$total_skipped" -eq 0 ] || summary="$summary, $total_skipped skipped"
echo "$summary"
[ "$total_failed" -eq 0 ]
