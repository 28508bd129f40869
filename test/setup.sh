#!/usr/bin/env bash
# Install what building and testing need, on Debian 12 and 13: finds what is
# missing, installs it as root or through passwordless sudo, else prints the
# command and stops.  With nothing missing it does nothing, quickly.
#
#	test/setup.sh [build] [test] [interop] [demo] [matrix] [bench] [fuzz] [valgrind]
#
# Without arguments: everything.
#
# Debian creates and starts a cluster "main" with a freshly installed server.
# It is no use to us, so while our packages install, and only then, a file in
# /etc/postgresql-common/createcluster.d asks for none.  In the same way
# /usr/sbin/policy-rc.d keeps new services from being started, and afterwards
# PgBouncer and nginx are disabled, since the tests run their own.  Services that
# exist already are left alone, and so is the machine's configuration.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

missing=()		# what, for people
packages=()		# Debian packages that bring it

# lacks WHAT PACKAGE...: note it as missing
lacks()
{
	missing+=("$1")
	shift
	packages+=("$@")
}

has() { command -v "$1" >/dev/null 2>&1; }

# Daemons are in a folder that only root's PATH names.
has_daemon() { has "$1" || [ -x "/usr/sbin/$1" ]; }

# The server's major version: that of PG_CONFIG when it has headers, else
# Debian's own.
server_version()
{
	local version=''
	if has make; then
		find_pg_config
		if [ -f "$("$PG_CONFIG" --includedir-server 2>/dev/null)/postgres.h" ]; then
			version=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
		fi
	fi
	if [ -z "$version" ] && [[ ${PG_CONFIG:-} =~ /postgresql/([0-9]+)/ ]]; then
		version=${BASH_REMATCH[1]}
	fi
	if [ -z "$version" ] && has apt-cache; then
		version=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
	fi
	if [ -z "$version" ]; then
		case $(. /etc/os-release 2>/dev/null && echo "${VERSION_ID:-}") in
			12) version=15 ;;
			*) version=17 ;;
		esac
	fi
	echo "$version"
}

need_build()
{
	has gcc || has cc || has clang || lacks 'a C compiler' gcc libc6-dev
	has make || lacks make make
	[ -f /usr/include/openssl/evp.h ] || echo '#include <openssl/evp.h>' | cc -E - >/dev/null 2>&1 ||
		lacks "OpenSSL's headers" libssl-dev
	[ -f "$("$pg_config" --includedir-server 2>/dev/null)/postgres.h" ] ||
		lacks "PostgreSQL $version's headers" "postgresql-server-dev-$version"
}

need_server()
{
	local bin
	bin=$("$pg_config" --bindir 2>/dev/null) || true
	[ -n "$bin" ] && [ -x "$bin/initdb" ] || lacks "PostgreSQL $version's server" "postgresql-$version"
}

need_test()
{
	local share
	share=$("$pg_config" --sharedir 2>/dev/null) || true
	need_server
	[ -n "$share" ] && [ -f "$share/extension/pgtap.control" ] || lacks pgTAP "postgresql-$version-pgtap"
	[ "${WITHOUT:-}" = plpgsql_check ] || { [ -n "$share" ] && [ -f "$share/extension/plpgsql_check.control" ]; } ||
		lacks plpgsql_check "postgresql-$version-plpgsql-check"
	has prove || lacks prove perl
	has_daemon pgbouncer || lacks PgBouncer pgbouncer
	perl -MIPC::Run -e 1 2>/dev/null || lacks "Perl's IPC::Run" libipc-run-perl
	# Debian's gcc brings the sanitizers; a trimmed installation may lack them.
	if has gcc && [ "$(gcc -print-file-name=libasan.so)" = libasan.so ]; then
		lacks 'the address sanitizer' "libgcc-$(gcc -dumpversion)-dev"
	fi
}

need_node()
{
	has node || lacks Node.js nodejs
	# NodeSource's nodejs has npm inside and conflicts with Debian's.
	if ! has npm && ! apt-cache policy nodejs 2>/dev/null | grep -q nodesource; then
		lacks npm npm
	fi
}

need_curl() { has curl || lacks curl curl; }
need_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null || lacks "Python's venv" python3-venv; }
need_nginx() { has_daemon nginx || lacks nginx nginx-light; }

need_browser()
{
	has chromium || lacks Chromium chromium
	has chromedriver || lacks "Chromium's WebDriver" chromium-driver
}

need_interop()
{
	need_node
	need_curl
	need_nginx
	need_browser
	need_venv
}

need_demo() { need_server; need_node; need_curl; need_nginx; }
need_matrix() { need_node; need_venv; }
need_bench() { has wrk || lacks wrk wrk; }
need_fuzz() { :; }
need_valgrind() { has valgrind || lacks valgrind valgrind; }

# Everything below, down to install_packages, runs as root.

no_cluster=/etc/postgresql-common/createcluster.d/oauth_jwt-setup.conf
policy=/usr/sbin/policy-rc.d
policy_before=$policy.before-oauth_jwt-setup
made_folders=()

ask_for_no_cluster()
{
	local dir
	for dir in /etc/postgresql-common /etc/postgresql-common/createcluster.d; do
		if [ ! -d "$dir" ]; then
			mkdir "$dir"
			made_folders=("$dir" "${made_folders[@]}")
		fi
	done
	echo 'create_main_cluster = false' >"$no_cluster"
}

# The services there are, quoted for the shell; of postgresql@15-main.service the
# postgresql@.
services()
{
	(cd / && find etc/init.d lib/systemd/system etc/systemd/system -maxdepth 1 -printf '%f\n' 2>/dev/null) |
		sed -E "s/\.[a-z]+\$//; s/@.*/@/; s/.*/'&'/" | sort -u
}

# What is new is refused: what we install, and what comes along (a minimal
# system gets D-Bus with Chromium).  For services that exist already the policy
# that was there, if any, has its say.
hold_services()
{
	if [ -e "$policy" ] && ! grep -q oauth_jwt "$policy"; then
		mv "$policy" "$policy_before"
	fi
	cat >"$policy" <<-EOF
		#!/bin/sh
		# For the time in which oauth_jwt's test/setup.sh installs packages.
		name=\${1%.*}
		case \$name in *@*) name=\${name%%@*}@ ;; esac
		case \$name in
			$(printf "'%s'|" "${new_services[@]}")'') exit 101 ;;
			$(services | paste -s -d '|')) ;;
			*) exit 101 ;;
		esac
		[ ! -x $policy_before ] || exec $policy_before "\$@"
	EOF
	chmod 755 "$policy"
}

# As it was before.  Also after a failure, so it takes nothing for granted.
restore_machine()
{
	rm -f "$no_cluster"
	[ ${#made_folders[@]} -eq 0 ] || rmdir "${made_folders[@]}" 2>/dev/null || true
	if [ -e "$policy_before" ]; then
		mv "$policy_before" "$policy"
	else
		rm -f "$policy"
	fi
	disable_services
}

disable_services()
{
	local service
	for service in "${new_services[@]}"; do
		# A unit there is the administrator's own and hides the package's.
		[ ! -f "/etc/systemd/system/$service.service" ] || continue
		[ ! -e "/etc/init.d/$service" ] || update-rc.d "$service" disable >/dev/null 2>&1 ||
			warn "could not disable the service $service"
	done
}

# test/setup.sh --install PACKAGE...
install_packages()
{
	local service asked
	asked=$(printf '|%s' "$@")
	asked=${asked:1}		# of the hundreds that come along, those are shown
	new_services=()
	for service in pgbouncer nginx; do
		[[ " $* " != *" $service"* ]] || new_services+=("$service")
	done
	trap restore_machine EXIT
	trap 'exit 130' INT TERM HUP
	ask_for_no_cluster
	hold_services

	export DEBIAN_FRONTEND=noninteractive
	step 'reading the package lists (apt-get update)'
	apt-get -q -o DPkg::Lock::Timeout=120 update >/dev/null ||
		warn 'apt-get update had errors; going on with the lists there are'
	step "installing: $*"
	apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install "$@" |
		sed -u -n -E "s/^([0-9]+ upgraded,|Need to get |Fetched |Setting up ($asked)[: ]).*/    &/p"
	[ ${#new_services[@]} -eq 0 ] ||
		note "not started and not enabled, the tests run their own: ${new_services[*]}"
}

if [ "${1:-}" = --install ]; then
	shift
	install_packages "$@"
	exit
fi

if [ $# -eq 0 ]; then
	set -- build test interop demo matrix bench fuzz valgrind
fi

version=$(server_version)
pg_config=${PG_CONFIG:-}
if [ -z "$pg_config" ]; then
	! has make || find_pg_config
	pg_config=${PG_CONFIG:-pg_config}
fi

for group; do
	declare -F "need_$group" >/dev/null || die "test/setup.sh: no group \"$group\""
	"need_$group"
done

if [ ${#missing[@]} -eq 0 ]; then
	exit 0
fi

mapfile -t missing < <(printf '%s\n' "${missing[@]}" | awk '!seen[$0]++')
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
step "missing: $(printf '%s, ' "${missing[@]}" | sed 's/, $//')"

if [ -n "${SETUP_AGAIN:-}" ]; then
	die 'the packages are installed, yet the above is not to be found' \
		"PATH is $PATH" "pg_config is $pg_config"
elif ! has apt-get; then
	die 'this is not Debian: install the above by your own means' \
		"(on Debian: ${packages[*]})"
elif [ "$EUID" -eq 0 ]; then
	"$BASH" "$0" --install "${packages[@]}"
elif has sudo && sudo -n true 2>/dev/null; then
	sudo -n "$BASH" "$0" --install "${packages[@]}"
else
	die 'installing that needs root.  As root (su, or sudo with your password), please run' '' \
		"$(printf ' %q' "$top/test/setup.sh" "$@")" '' \
		'and try again.  It starts no service, and installs with apt-get:' \
		"${packages[*]}"
fi
step 'installed; looking again'
SETUP_AGAIN=1 exec "$BASH" "$0" "$@"
