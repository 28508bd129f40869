#!/usr/bin/env bash
# A private PostgreSQL server with this checkout's extension installed for it
# alone: own data, own socket, own port.  The machine's clusters and installed
# extensions are never touched.
#
#	test/cluster.sh start NAME [--fresh] [setting=value]...
#	test/cluster.sh stop NAME
#	test/cluster.sh status NAME
#	test/cluster.sh env NAME           shell code: eval "$(test/cluster.sh env NAME)"
#	test/cluster.sh psql NAME [ARG]... psql as its superuser
#	test/cluster.sh run NAME COMMAND...   any command, with that environment
#	test/cluster.sh stage NAME         the extension only; prints its settings' file
#	test/cluster.sh remove NAME        stop it and delete it
#
# NAME is yours to choose: test, demo, bench, ... --fresh empties its data
# first.  PG_CONFIG chooses the server version.
#
# In the folder of an instance, .run/NAME, what the server writes (data/, sock/,
# log/) belongs to the account it runs as; the rest belongs to whoever runs us.
# Local users get in through the socket folder, which is that account's alone;
# TCP (127.0.0.1) asks for passwords, and the superuser has none.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '/^#	test/s/^#	/  /p' "$0" >&2; exit 2; }

[ $# -ge 2 ] || usage
command=$1 name=$2
shift 2
[[ $name =~ ^[a-z][a-z0-9_-]*$ ]] || die "\"$name\" is no name for a private server"

# Whatever the caller's PGHOST, PGOPTIONS and so on say is about other servers.
for variable in ${!PG@}; do
	case $variable in
		PG_CONFIG | PG_TEST_*) ;;
		*) unset "$variable" ;;
	esac
done

umask 022
find_pg_config
[ -x "$(command -v "$PG_CONFIG")" ] || die "there is no $PG_CONFIG" '"make setup" installs what is needed'
bin=$("$PG_CONFIG" --bindir)
base=$(run_folder)
dir=$base/$name
data=$dir/data
log=$dir/log/server.log
cd /		# the account may not be allowed where we were called

# The socket's whole path must fit into 107 bytes, ".s.PGSQL.12345.lock" included.
sock=$dir/sock
if [ ${#sock} -gt 86 ]; then
	sock=/tmp/oauth_jwt-$(printf '%s' "$dir" | cksum | cut -d' ' -f1)
fi

# 'it''s', as postgresql.conf wants it
quoted() { printf "'%s'" "${1//\'/\'\'}"; }

make_instance_folder()
{
	make_own_folder "$base"
	make_own_folder "$dir"
}

# Folders that the server's account owns.
make_server_folder()
{
	[ -d "$1" ] || mkdir -m 700 "$1"
	[ "$EUID" -ne 0 ] || chown "$(server_account)" "$1"
}

# Install into the instance's own stage and write down what makes a server look
# there: Debian's extension_destdir before PostgreSQL 18, extension_control_path
# since.
stage()
{
	local stage=$dir/stage conf=$dir/stage.conf version share lib
	make_instance_folder
	version=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
	share=$("$PG_CONFIG" --sharedir)
	lib=$("$PG_CONFIG" --pkglibdir)

	if [ "$version" -lt 18 ] && ! grep -qa extension_destdir "$bin/postgres"; then
		warn "PostgreSQL $version at $bin cannot load an extension from a private folder" >&2
		warn "(that needs Debian's packages, or 18): installing into $lib and $share" >&2
		make_extension install
		: >"$conf"
		return
	fi

	rm -rf "$stage.new"
	make_extension install DESTDIR="$stage.new"
	rm -rf "$stage"
	mv "$stage.new" "$stage"
	{
		if [ "$version" -ge 18 ]; then
			echo "extension_control_path = $(quoted "$stage$share:\$system")"
		else
			echo "extension_destdir = $(quoted "$stage")"
		fi
		echo "dynamic_library_path = $(quoted "$stage$lib:\$libdir")"
	} >"$conf"
}

make_extension()
{
	build -s "$@" >"$dir/install.log" 2>&1 ||
		{ tail -n 40 "$dir/install.log" >&2; die "make $1 failed"; }
}

create_data()
{
	make_server_folder "$data"
	if ! as_server "$bin/initdb" -D "$data" -U postgres --no-sync --encoding=UTF8 --locale=C.UTF-8 \
		--auth-local=trust --auth-host=scram-sha-256 >"$dir/initdb.log" 2>&1; then
		tail -n 20 "$dir/initdb.log" >&2
		as_server find "$data" -mindepth 1 -delete
		die 'initdb failed'
	fi
	echo "include $(quoted "$dir/server.conf")" | as_server tee -a "$data/postgresql.conf" >/dev/null
}

# Nobody listens there now; start_server tries again if somebody takes it meanwhile.
free_port()
{
	local port
	while :; do
		port=$((20000 + RANDOM % 10000))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

write_conf()
{
	local port=$1 setting
	shift
	{
		echo "listen_addresses = '127.0.0.1'"
		echo "port = $port"
		echo "unix_socket_directories = $(quoted "$sock")"
		echo "unix_socket_permissions = 0700"
		echo "cluster_name = $(quoted "oauth_jwt-$name")"
		echo "log_line_prefix = '%m [%p] %q%u@%d '"
		echo "include $(quoted "$dir/stage.conf")"
		for setting; do
			echo "${setting%%=*} = $(quoted "${setting#*=}")"
		done
	} >"$dir/server.conf"
}

write_env()
{
	{
		echo "export PG_CONFIG=$(printf %q "$PG_CONFIG")"
		echo "export PATH=$(printf %q "$bin"):\$PATH"
		echo "export PGHOST=$(printf %q "$sock") PGPORT=$1 PGUSER=postgres PGDATABASE=postgres"
		echo "export OAUTH_JWT_STAGE_CONF=$(printf %q "$dir/stage.conf")"
		echo "export OAUTH_JWT_LOG=$(printf %q "$log")"
	} >"$dir/env"
}

start_server()
{
	local try port
	for try in 1 2 3 4 5; do
		port=$(free_port)
		write_conf "$port" "$@"
		write_env "$port"
		as_server sh -c ': >"$1"' sh "$log"
		if as_server "$bin/pg_ctl" start -s -w -t 60 -D "$data" -l "$log" >/dev/null 2>"$dir/pg_ctl.log" </dev/null; then
			say "PostgreSQL $("$PG_CONFIG" --version | cut -d' ' -f2) runs as $(server_account): \"$name\", port $port, log $log"
			return
		fi
		as_server grep -q 'could not bind\|could not create any TCP' "$log" || break
	done
	as_server tail -n 20 "$log" >&2
	die "the server \"$name\" did not start (try $try)" "log: $log"
}

stop_server()
{
	local pid mode
	for mode in fast immediate; do
		pid=$(postmaster "$data") || break
		as_server "$bin/pg_ctl" stop -s -w -t 30 -m "$mode" -D "$data" >/dev/null 2>&1 || true
	done
	if pid=$(postmaster "$data"); then
		as_server kill -KILL "$pid"
		sleep 1
	fi
	as_server rm -f "$data/postmaster.pid" 2>/dev/null || true
}

remove_data()
{
	stop_server
	if [ -e "$data" ]; then
		as_server find "$data" -mindepth 1 -delete
		rmdir "$data"
	fi
}

start()
{
	local fresh='' settings=()
	for argument; do
		case $argument in
			--fresh) fresh=yes ;;
			*=*) settings+=("$argument") ;;
			*) usage ;;
		esac
	done

	stage
	if [ -n "$fresh" ]; then
		remove_data
	elif [ -f "$dir/env" ] && postmaster "$data" >/dev/null; then
		say "\"$name\" runs already"
		return
	fi
	stop_server
	# A data folder that initdb did not finish, or of another major version, is of no use.
	if [ -d "$data" ] && [ "$(as_server cat "$data/PG_VERSION" 2>/dev/null)" != \
		"$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')" ]; then
		[ -z "$(as_server cat "$data/PG_VERSION" 2>/dev/null)" ] ||
			die "\"$name\" holds data of another PostgreSQL version" "test/cluster.sh remove $name"
		remove_data
	fi

	make_server_folder "$dir/log"
	[ "$sock" = "$dir/sock" ] || [ ! -e "$sock" ] || [ -n "$(find "$sock" -maxdepth 0 -type d -user "$(server_account)")" ] ||
		die "$sock is somebody else's"
	make_server_folder "$sock"
	[ -f "$data/postgresql.conf" ] || create_data
	start_server "${settings[@]}"
}

need_running()
{
	postmaster "$data" >/dev/null && [ -f "$dir/env" ] || die "\"$name\" does not run" "test/cluster.sh start $name"
}

case $command in
	start) start "$@" ;;
	stage)
		stage
		echo "$dir/stage.conf"
		;;
	stop)
		[ ! -d "$data" ] || stop_server
		;;
	remove)
		[ ! -d "$dir" ] || { remove_data; rm -rf "$dir"; }
		[ "$sock" = "$dir/sock" ] || as_server rm -rf "$sock"
		;;
	status)
		if pid=$(postmaster "$data"); then
			say "\"$name\" runs, PID $pid"
		else
			say "\"$name\" does not run"
			exit 3
		fi
		;;
	env)
		need_running
		cat "$dir/env"
		;;
	psql | run)
		need_running
		. "$dir/env"
		cd "$OLDPWD"
		[ "$command" = run ] || set -- psql -X "$@"
		exec "$@"
		;;
	*) usage ;;
esac
