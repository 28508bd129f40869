#!/usr/bin/env bash
# PyJWT, joserfc and jwcrypto against ours.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
exec "$python" "$here/matrix.py" "$python" "$here/peers/peer.py"
