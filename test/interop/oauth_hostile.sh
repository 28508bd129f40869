#!/usr/bin/env bash
# The authorization server over HTTP, attacked.
. "$(dirname "${BASH_SOURCE[0]}")/oauth_site.bash"
run_behind_nginx oauth_hostile.py
