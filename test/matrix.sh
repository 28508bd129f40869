#!/usr/bin/env bash
# The suite on every version of PostgreSQL that Debian has: each in a root of its
# own (test/matrix/root.sh), built with that root's compiler and OpenSSL.
#
#	test/matrix.sh [VERSION...]
#
# Without versions: 15 17 18 19.  No suite of Debian has 16.  interop and doc need
# Node, Python and a browser, and run on the machine's own version only.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

versions=${*:-15 17 18 19}
make_own_folder .run
exec 8>.run/matrix.lock
if ! flock -n 8; then
	step 'waiting for another "make test-matrix" in this checkout'
	flock 8
fi

# The checkout as it stands, without what is built or ignored.
copy_checkout()
{
	local to=$1
	rm -rf "$to"
	mkdir -p "$to"
	git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -c -T - | tar -x -C "$to"
	[ "$EUID" -ne 0 ] || chown -R "$(server_account):" "$to"
}

# What a version cannot run is left out, and named in its row.
stages_of() { echo 'build unit regress isolation tap'; }
left_out_of() { [ "$1" != 19 ] || echo plpgsql_check; }

tests_of()
{
	local left_out
	left_out=$(left_out_of "$1")
	(cd test/sql && ls ./*.sql) | sed 's|^\./||; s|\.sql$||' | grep -vxF "${left_out:-no such test}" | tr '\n' ' '
}

run_version()
{
	local version=$1 home=.run/matrix/$1/root/home
	test/matrix/root.sh make "$version"
	copy_checkout "$home/oauth_jwt"
	step "PostgreSQL $version: $(stages_of "$version")"
	test/matrix/root.sh run "$version" env -C /home/oauth_jwt REGRESS="$(tests_of "$version")" \
		test/run.sh $(stages_of "$version") 2>&1 | tee ".run/matrix/$version/log" | sed 's/^/    /'
}

# From the log's table and its last line.
row_of()
{
	local version=$1 log=.run/matrix/$1/log server ran totals
	server=$(sed -n 's/.*\(PostgreSQL [0-9][^,]*\), .*pg_config.*/\1/p' "$log" | head -n 1)
	ran=$(awk '/^stage +passed/ { on = 1; next } /^$/ { on = 0 } on { printf "%s%s %s", sep, $1, $2; sep = ", " }' "$log")
	totals=$(tail -n 1 "$log")
	printf '%-22s %s\n%-22s %s; %s\n' "${server:-PostgreSQL $version}" "${totals:-did not run}" '' "${ran:-nothing}" \
		"not run: interop, doc$(left_out_of "$version" | sed 's/^/, /')"
}

failed=()
for version in $versions; do
	run_version "$version" || failed+=("$version")
done

step 'PostgreSQL by version'
for version in $versions; do
	row_of "$version"
done
if [ ${#failed[@]} -gt 0 ]; then
	die "failed: ${failed[*]}" 'the whole output: .run/matrix/VERSION/log'
fi
