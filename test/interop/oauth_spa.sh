#!/usr/bin/env bash
# The how-tos' single-page application, in Chromium, against nginx and PostgREST.
. "$(dirname "${BASH_SOURCE[0]}")/oauth_site.bash"
cp "$top/deploy/postgrest.conf" "$folder/"
mkdir "$folder/spa"
cp "$top"/doc/how-to/single-page-app/* "$NODE_PATH/oidc-client-ts/dist/browser/oidc-client-ts.min.js" "$folder/spa/"
run_behind_nginx oauth_spa.py
