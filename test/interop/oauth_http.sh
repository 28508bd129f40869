#!/usr/bin/env bash
# The authorization server over HTTP, byte for byte.
. "$(dirname "${BASH_SOURCE[0]}")/oauth_site.bash"
run_behind_nginx oauth_http.py
