#!/usr/bin/env bash
# Fuzz the parsers of the JOSE core, and the SQL functions, under the sanitizers.
#
#	test/fuzz/run.sh [N] [TARGET...]
#
# N mutated inputs for each target (100000), all targets unless some are named:
# header verify decrypt jwk pem sql.  And, only if it is named: login, with N hostile
# tokens.  FUZZ_SEED=... takes another path of mutations.
# What kills a target is left in .run/fuzz/TARGET.crash, the slowest input in
# TARGET.crash.slowest; to see one again:
#
#	.run/fuzz/TARGET --replay FILE
#
# The targets sql and login are another thing: sql/run.sh and login.sh say what.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$top"

n=${1:-100000}
[[ $n =~ ^[1-9][0-9]*$ ]] || die "\"$n\" is no number of inputs"
shift || true
targets='' servers=''
for target in ${*:-header verify decrypt jwk pem sql}; do
	case $target in
		sql) servers="$servers sql/run.sh" ;;
		login) servers="$servers login.sh" ;;
		*)
			[ -f "test/fuzz/${target}_fuzz.c" ] || die "no target \"$target\"" "there are: header verify decrypt jwk pem sql login"
			targets="$targets $target"
			;;
	esac
done

find_pg_config
make_own_folder .run
out=$top/.run/fuzz
mkdir -p "$out"

step 'building'
flags=(-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
	-Wall -Wextra -Wshadow -Wmissing-prototypes -Wpointer-arith -Wdeclaration-after-statement -Wvla
	-Wno-unused-parameter -Werror -DFRONTEND -D_GNU_SOURCE -Isrc -Isrc/jose -Itest/unit -Itest/fuzz
	-isystem "$("$PG_CONFIG" --includedir-server)" -isystem "$("$PG_CONFIG" --includedir)")
libs=("-L$("$PG_CONFIG" --pkglibdir)" "-L$("$PG_CONFIG" --pkglibdir)/../lib" "-L$("$PG_CONFIG" --libdir)"
	-lpgcommon -lpgport -lcrypto -lm)
rm -f "$out"/*.o
printf '%s\n' src/jose/*.c test/fuzz/*.c |
	xargs -P "$(nproc)" -I{} sh -c 'source=$1 out=$2; shift 2; exec "$@" -c -o "$out/$(basename "$source" .c).o" "$source"' \
		- {} "$out" "${CC:-cc}" "${flags[@]}"
for target in $targets; do
	objects=()
	for object in "$out"/*.o; do
		case $object in
			*_fuzz.o) [ "$object" != "$out/${target}_fuzz.o" ] || objects+=("$object") ;;
			*) objects+=("$object") ;;
		esac
	done
	"${CC:-cc}" "${flags[@]}" -o "$out/$target" "${objects[@]}" "${libs[@]}"
done

failed=''
for target in $targets; do
	step "$target"
	rm -f "$out/$target.crash"
	if ! "$out/$target" "$target" "$n" "$out/$target.crash"; then
		failed="$failed $target"
		warn "$target failed; its input: .run/fuzz/$target.crash"
	fi
done
for script in $servers; do
	"test/fuzz/$script" "$n" || failed="$failed $script"
done
[ -z "$failed" ] || die "failed:$failed"
