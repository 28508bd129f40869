# What setup.sh, cluster.sh and run.sh share: where things are, as whom servers
# run, and how we speak.  Sourced, never run.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# English messages, which tests and we read; and a locale that every Debian has,
# when the one named (by ssh, for one) may be missing here.
unset LANGUAGE "${!LC_@}"
export LANG=C.UTF-8

# Colour for a terminal only.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' dim=$'\e[2m' plain=$'\e[0m'
else
	bold='' red='' green='' yellow='' dim='' plain=''
fi
export bold red green yellow dim plain

say() { printf '%s\n' "$*"; }
step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain"; }
warn() { printf '%swarning:%s %s\n' "$yellow" "$plain" "$*" >&2; }
die()
{
	printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
	shift
	[ $# -eq 0 ] || printf '       %s\n' "$@" >&2
	exit 1
}

# Called from a make, we keep its variables (CC=..., REGRESS=...) for the makes
# we call, but not its job server, which ends at our door.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS:-}" | sed -E 's/(^| )-j ?[0-9]*( |$)/ /; s/ ?--jobserver-(auth|fds)=[^ ]*//')
export MAKEFLAGS

# Build something, one build at a time in this checkout.
build()
{
	make_own_folder "$top/.run"
	flock -o "$top/.run/build.lock" \
		make --no-print-directory -j"$(nproc)" -C "$top" PG_CONFIG="$PG_CONFIG" "$@"
}

# The Makefile knows which server is meant; ask it once.
find_pg_config()
{
	PG_CONFIG=$(MAKEFLAGS='' make -s --no-print-directory -C "$top" pg-config ${PG_CONFIG:+PG_CONFIG="$PG_CONFIG"})
	export PG_CONFIG
}

# A server refuses to run as root: root lends its servers to an unprivileged
# account.  Anybody else runs them as themselves.
server_account()
{
	if [ "$EUID" -ne 0 ]; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

# Run a command as that account; server_prefix is the same for "timeout" and its
# kind, which cannot call a function.
set_server_prefix()
{
	local account
	server_prefix=()
	if [ "$EUID" -eq 0 ]; then
		account=$(server_account)
		server_prefix=(setpriv --reuid="$account" --regid="$(id -g "$account")" --init-groups --inh-caps=-all
			env HOME=/nonexistent USER="$account" LOGNAME="$account")
	fi
}
set_server_prefix
as_server() { "${server_prefix[@]}" "$@"; }

# Can that account read this checkout?  (Not below a 0700 home, for one.)
checkout_is_readable()
{
	[ "$EUID" -ne 0 ] || (cd / && as_server test -r "$top/Makefile") 2>/dev/null
}

# The folder of the private servers: .run in the checkout.  Where the account
# cannot reach the checkout, or its path has characters (a space, a quote) that
# PGXS's install rules cannot take, one in /var/tmp that the path names.
run_folder()
{
	if [[ $top =~ ^[A-Za-z0-9/._+-]+$ ]] && checkout_is_readable; then
		echo "$top/.run"
	else
		echo "/var/tmp/oauth_jwt-$(printf '%s' "$top" | cksum | cut -d' ' -f1)"
	fi
}

# Make a folder that must be ours: /tmp and /var/tmp are everyone's, and a
# folder or link that somebody else put there first is not to be used.
make_own_folder()
{
	mkdir -m 755 "$1" 2>/dev/null || true
	if [ ! -d "$1" ] || [ -L "$1" ] || [ ! -O "$1" ]; then
		die "$1 is not a folder of $(id -un)'s" "remove it and try again"
	fi
}

# The PID of the server on a data folder, if it runs.  A number left in
# postmaster.pid by a killed server may be anybody's by now, so its command line
# must name that folder.
postmaster()
{
	local data=$1 pid
	pid=$(as_server head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 1
	[[ $pid =~ ^[0-9]+$ ]] && [ -r "/proc/$pid/cmdline" ] || return 1
	tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "$data" || return 1
	echo "$pid"
}
