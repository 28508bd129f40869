#!/usr/bin/env bash
# Make nginx's files for one place: copies of oauth-*.conf with what differs from
# machine to machine put in.
#
#	deploy/nginx/configure.sh FOLDER AS-SOCKET
#
# FOLDER gets the files; AS-SOCKET is the Unix socket of the authorization server's
# PostgREST.  Then, in nginx's configuration:
#
#	http {
#		include FOLDER/oauth-http.conf;
#		server {
#			listen 443 ssl;
#			ssl_certificate ...;
#			ssl_certificate_key ...;
#			add_header Strict-Transport-Security "max-age=31536000" always;
#			set $oauth_issuer https://auth.example.com;
#			include FOLDER/oauth-server.conf;
#		}
#	}
set -euo pipefail

if [ $# -ne 2 ]; then
	sed -n '/^#	deploy/s/^#	/usage: /p' "$0" >&2
	exit 2
fi
here=$(cd "$(dirname "$0")" && pwd -P)
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
socket=$2
for path in "$folder" "$socket"; do
	if [[ ! $path =~ ^/[A-Za-z0-9/._-]+$ ]]; then
		echo "error: $path is no absolute path of letters, digits and / . _ -" >&2
		exit 1
	fi
done
for file in "$here"/oauth-*.conf; do
	sed -e "s|@CONF@|$folder|g" -e "s|@AS_SOCKET@|$socket|g" "$file" >"$folder/$(basename "$file")"
done
echo "wrote $(ls "$here"/oauth-*.conf | wc -l) files to $folder"
