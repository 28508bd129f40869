# What the interop scripts share: other people's libraries, fetched once in the
# exact versions of requirements.txt, package-lock.json and go.sum into the run
# folder.  Sourced, never run.
# shellcheck shell=bash
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

here=$top/test/interop
work=$top/.run/libraries
export WORK=$work PYTHONDONTWRITEBYTECODE=1

mkdir -p "$work"
exec 8>"$work/lock"
flock 8

[ -n "${PGHOST:-}" ] || eval "$("$top/test/cluster.sh" env test)"

# fetch NAME LIST... -- COMMAND...: unless it was done with these lists before
fetch()
{
	local name=$1 lists=() wanted
	shift
	while [ "$1" != -- ]; do
		lists+=("$1")
		shift
	done
	shift
	wanted=$(cksum "${lists[@]}"; echo "$work"; "$name" --version 2>&1 || true)
	[ "$(cat "$work/$name.fetched" 2>/dev/null)" != "$wanted" ] || return 0
	rm -f "$work/$name.fetched"
	if ! "$@" >"$work/$name.log" 2>&1; then
		echo 'not ok 1 - fetching what other libraries need'
		tail -n 15 "$work/$name.log" | sed 's/^/# /'
		echo "# all of it: $work/$name.log"
		echo '1..1'
		exit 1
	fi
	printf '%s\n' "$wanted" >"$work/$name.fetched"
}

make_venv()
{
	rm -rf "$work/python"
	python3 -m venv "$work/python"
	"$work/python/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
}

install_node_modules()
{
	cp "$here/package.json" "$here/package-lock.json" "$work/"
	(cd "$work" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
}

need_python()
{
	fetch python3 "$here/requirements.txt" -- make_venv
	python=$work/python/bin/python
}

need_node()
{
	fetch node "$here/package-lock.json" -- install_node_modules
	export NODE_PATH=$work/node_modules
}
