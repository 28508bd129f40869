#!/usr/bin/env bash
# A log-in elsewhere, and one that a client wants to be stronger, in Chromium, against
# nginx and PostgREST.
. "$(dirname "${BASH_SOURCE[0]}")/oauth_site.bash"
run_behind_nginx oauth_step_up.py
