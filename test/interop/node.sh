#!/usr/bin/env bash
# Node's jsonwebtoken and jose against ours.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
need_node
export NODE_NO_WARNINGS=1		# Node 18 on Ed25519
exec "$python" "$here/matrix.py" node "$here/peers/peer.js"
