#!/usr/bin/env bash
# OAuth clients against nginx and PostgREST.
. "$(dirname "${BASH_SOURCE[0]}")/oauth_site.bash"
cp "$here/peers/oauth.mjs" "$work/"	# Node looks for modules beside it
run_behind_nginx oauth_http_clients.py
