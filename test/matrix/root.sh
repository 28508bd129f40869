#!/usr/bin/env bash
# A Debian root folder with one version of PostgreSQL, in .run/matrix, made of
# packages that are only unpacked: no root account, no container, no maintainer
# script, nothing of the machine changed.
#
#	test/matrix/root.sh make VERSION             unless it is there already
#	test/matrix/root.sh run VERSION COMMAND...   as an unprivileged account in it
#
# The mirror, proxies and keys are those of the machine's own apt.  Packages stay
# in .run/matrix/debs; "rm -r .run/matrix/VERSION" has a root made anew.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

command=$1 version=$2
shift 2
matrix=$top/.run/matrix
debs=$matrix/debs
here=$matrix/$version
root=$here/root
apt=$here/apt

case $version in
	15) suites='bookworm bookworm-security' ;;
	16 | 17) suites='trixie trixie-security' ;;
	18) suites='forky' ;;
	19) suites='forky experimental' ;;
	*) die "PostgreSQL $version is not to be had" 'there are: 15 16 17 18 19' ;;
esac

packages="base-files libc-bin bash dash coreutils sed grep mawk findutils diffutils util-linux tar make gcc libc6-dev
	libssl-dev libkrb5-dev perl libipc-run-perl pgbouncer"
server="postgresql-$version"
# psql's device flow, and what serves our authorization server.
single_sign_on='libpq-oauth nginx curl openssl'
# Without what they depend on: clang and LLVM, for bitcode that no test needs.
alone="postgresql-server-dev-$version"
case $version in
	15 | 17) packages="$packages postgresql-$version-pgtap postgresql-$version-plpgsql-check" ;;
	18) packages="$packages $single_sign_on postgresql-$version-pgtap postgresql-$version-plpgsql-check" ;;
	# No suite has it: see fetch_16.  pgTAP and PostgreSQL::Test are 17's.
	16) server='' alone='postgresql-client-17 postgresql-17-pgtap' ;;
	# Neither is packaged for 19.  pgTAP is plain SQL: 18's serves.
	19) packages="$packages $single_sign_on" alone="$alone postgresql-18-pgtap" ;;
esac
packages="$packages $server"

# Where the machine's apt has Debian's archive, or its security archive, from.
archive()
{
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 -E "/$1/?\$"
}

# apt with a state of its own, in which nothing is installed.
private_apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -c "$apt/apt.conf" "$@"; }

configure_apt()
{
	local suite mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=''
	[ ! -f "$keyring" ] || signed="[signed-by=$keyring]"
	mkdir -p "$apt/lists/partial" "$apt/none/partial" "$debs/partial"
	: >"$apt/status"
	for suite in $suites; do
		case $suite in
			*-security) mirror=$(archive debian-security) || continue ;;
			*) mirror=$(archive debian) || die "this machine's apt names no Debian archive" ;;
		esac
		echo "deb $signed $mirror $suite main"
	done >"$apt/sources.list"
	cat >"$apt/preferences" <<-END
		Package: src:postgresql-$version
		Pin: release a=experimental
		Pin-Priority: 990
	END
	cat >"$apt/apt.conf" <<-END
		#clear DPkg::Post-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		Dir::State "$apt/";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/";
		Dir::Cache::archives "$debs/";
		Dir::Etc::SourceList "$apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "$apt/preferences";
		Dir::Etc::PreferencesParts "/dev/null";
		APT::Install-Recommends "false";
		APT::Keep-Downloaded-Packages "true";
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Debug::NoLocking "true";
	END
}

# The file names of what apt chose, base-files first: it has the links that a
# merged /usr is made of.
chosen_packages()
{
	local nowhere="-o Dir::Cache::archives=$apt/none/"
	{
		private_apt $nowhere --print-uris -y install $packages
		(cd "$apt/none" && private_apt $nowhere --print-uris download $alone)
	} | sed -n "s/^'[^']*' \([^ ]*\.deb\) .*/\1/p" | awk '/^base-files_/ { print; next } { rest = rest $0 "\n" } END { printf "%s", rest }'
}

download()
{
	note "reading the package lists of ${suites// /, }"
	private_apt update >"$here/apt.log" &&
		chosen_packages >"$here/packages" &&
		note "$(wc -l <"$here/packages") packages, into ${debs#"$top/"}" &&
		private_apt -y --download-only install $packages >>"$here/apt.log" &&
		(cd "$debs" && private_apt download $alone >>"$here/apt.log") &&
		{ [ "$version" != 16 ] || fetch_16; }
}

# PostgreSQL 16.2, in a wheel of PyPI's pgserver: the server, its headers and PGXS,
# for x86-64, without contrib, ICU and TLS.
fetch_16()
{
	local pip=$matrix/pip
	note 'fetching pgserver with pip'
	[ -x "$pip/bin/pip" ] || python3 -m venv "$pip" || return
	echo 'pgserver==0.1.4 --hash=sha256:d595789b47624a3d963aa9aa6359da9be31beb7e61f1a45541953242068b8813' >"$here/requirements.txt"
	"$pip/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
		--implementation cp --python-version 3.11 --platform manylinux2014_x86_64 --dest "$debs" --requirement "$here/requirements.txt"
}

unpack_16()
{
	local wheel=$root/usr/lib/postgresql-16 install=$root/usr/lib/postgresql-16/pgserver/pginstall
	python3 -m zipfile -e "$debs"/pgserver-0.1.4-cp311-*.whl "$wheel"
	mv "$root/usr/lib/postgresql/17/lib/pgxs/src/test/perl" "$install/lib/postgresql/pgxs/src/test/"
	mv "$root/usr/share/postgresql/17/extension"/* "$install/share/postgresql/extension/"
	rm -r "$root/usr/lib/postgresql" "$root/usr/share/postgresql"
	chmod -R a+x "$install/bin" "$install/lib/postgresql/pgxs/src/test"
	# It looks for extensions nowhere else.
	chmod -R a+rwX "$install/lib" "$install/share"
	ln -sf ../lib/postgresql-16/pgserver/pginstall/bin/pg_config "$root/usr/bin/pg_config"
}

unpack()
{
	local deb
	note "unpacking into ${root#"$top/"}"
	rm -rf "$root"
	mkdir "$root"
	while read -r deb; do
		dpkg-deb --fsys-tarfile "$debs/$deb" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
			--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*'
	done <"$here/packages"
	find "$root" -perm /6000 -exec chmod ug-s {} +
}

# What maintainer scripts would have done, as far as it matters here.
finish()
{
	ln -sf dash "$root/bin/sh"
	ln -sf mawk "$root/usr/bin/awk"
	ln -sf gcc "$root/usr/bin/cc"
	ln -sf ../usr/share/zoneinfo/Etc/UTC "$root/etc/localtime"
	[ "$version" != 16 ] || unpack_16
	[ "$version" != 19 ] || mv "$root/usr/share/postgresql/18/extension"/* "$root/usr/share/postgresql/19/extension/"
	mkdir -p "$root/dev" "$root/proc"
	mkdir -p -m 1777 "$root/tmp" "$root/var/tmp"
}

make_root()
{
	local recipe
	recipe=$(cksum <"${BASH_SOURCE[0]}")
	if [ "$(cat "$here/made" 2>/dev/null)" = "$recipe" ]; then
		return
	fi
	step "making a root with PostgreSQL $version"
	mkdir -p "$here"
	rm -f "$here/made"
	configure_apt
	download || { tail -n 20 "$here/apt.log" >&2; die "could not download PostgreSQL $version"; }
	unpack
	finish
	echo "$recipe" >"$here/made"
	note "$(du -sh "$root" | cut -f 1)"
}

# A server refuses to run as root.  Root takes the account that its servers run
# as anyway, and enters by chroot; anybody else stays themselves, and enters by a
# user namespace.  Either way processes and mounts end with the command.
run_in_root()
{
	local account uid gid namespace=() chroot_options=()
	account=$(server_account)
	uid=$(id -u "$account")
	gid=$(id -g "$account")
	if [ "$EUID" -eq 0 ]; then
		chroot_options=("--userspec=$uid:$gid" --groups=)
	else
		namespace=(--user "--map-user=$uid" "--map-group=$gid" --keep-caps)
	fi
	echo "tester:x:$uid:$gid::/home:/bin/bash" >"$root/etc/passwd"
	echo "tester:x:$gid:" >"$root/etc/group"
	chown "$uid:$gid" "$root/home"

	# shellcheck disable=SC2016
	exec unshare "${namespace[@]}" --mount --pid --fork --kill-child "$BASH" -c '
		set -eu
		root=$1
		shift
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/dev/shm"
		mount -t proc proc "$root/proc"
		exec chroot "$@"' bash "$root" "${chroot_options[@]}" "$root" \
		/usr/bin/env -i HOME=/home PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all "$@"
}

case $command in
	make) make_root ;;
	run) run_in_root "$@" ;;
	*) die "no command \"$command\"" ;;
esac
