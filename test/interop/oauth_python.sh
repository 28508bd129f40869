#!/usr/bin/env bash
# OAuth clients against deploy/gateway/gateway.py.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
need_node
cp "$here/peers/oauth.mjs" "$work/"	# Node looks for modules beside it
exec "$python" "$here/oauth_clients.py" "$python" "$top/deploy/gateway/gateway.py"
