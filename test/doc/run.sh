#!/usr/bin/env bash
# Execute the documentation's examples and follow its links; prints TAP.
#
#	test/doc/run.sh [FILE.md]...       all files, or these
#
# Wants a server with the extension, reached through PGHOST and its kin, as its
# superuser:  test/cluster.sh run NAME test/doc/run.sh doc/tutorial/first.md
# What a document may say to this program stands at the top of run.pl.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$top"

# Shell examples run as the server's account does, since they make files for it.
DOC_SHELL_PREFIX=${server_prefix[*]}
export DOC_SHELL_PREFIX
exec perl -Itest/doc test/doc/run.pl "$@"
