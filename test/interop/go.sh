#!/usr/bin/env bash
# golang-jwt and go-jose against ours, where there is a Go that can build them.
# "make setup" does not install one: it is large, and nothing else here needs it.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"

wanted=$(sed -n 's/^go //p' "$here/peers/go/go.mod")
found=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//') || found=''
if [ -z "$found" ] || [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
	echo "1..0 # SKIP golang-jwt and go-jose: there is no Go $wanted or newer on PATH"
	exit
fi

build_peer()
{
	cd "$here/peers/go"
	GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false' go build -o "$work/go-peer" .
}

need_python
fetch go "$here"/peers/go/* -- build_peer
exec "$python" "$here/matrix.py" "$work/go-peer"
