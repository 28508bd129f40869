#!/usr/bin/env bash
# Measure log-ins with a token beside SCRAM (PostgreSQL 18 and later).
#
#	PG_CONFIG=/usr/lib/postgresql/18/bin/pg_config test/bench/login.sh
#
# From the environment: LOGINS, of each kind; LOGIN_CONF, lines for postgresql.conf,
# for example "shared_preload_libraries = 'oauth_jwt'".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$top"

find_pg_config
test/cluster.sh stage login >/dev/null
OAUTH_JWT_STAGE_CONF=$(run_folder)/login/stage.conf
PATH=$("$PG_CONFIG" --bindir):$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ "$EUID" -ne 0 ] || chown "$(server_account)" "$work"
pgxs_test=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
export OAUTH_JWT_STAGE_CONF PATH TESTDATADIR="$work" TESTLOGDIR="$work/log" PG_TEST_PORT_DIR="$work/ports" PG_REGRESS="$pgxs_test/regress/pg_regress"
as_server perl -I "$pgxs_test/perl" -I test/t test/bench/login.pl
