#!/usr/bin/env bash
# Tokens in the exact shape that Google and Apple want of their clients.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
exec "$python" "$here/services.py"
