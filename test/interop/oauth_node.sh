#!/usr/bin/env bash
# OAuth clients against deploy/gateway/gateway.mjs.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
need_node
cp "$here/peers/oauth.mjs" "$work/"	# Node looks for modules beside it
mkdir -p "$work/gateway"
cp "$top/deploy/gateway/gateway.mjs" "$work/gateway/"
exec "$python" "$here/oauth_clients.py" node "$work/gateway/gateway.mjs"
