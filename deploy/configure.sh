#!/usr/bin/env bash
# Make nginx's configuration for one place: the files of deploy/nginx with what
# differs from machine to machine put in.
#
#	deploy/configure.sh [OPTION]... FOLDER ISSUER...
#
# FOLDER gets the files.  ISSUER is an issuer's URL, byte for byte as it was given
# to oauth.create_issuer; several share a host, each below a path of its own.
#
#	--socket PATH        the authorization server's PostgREST (/run/oauth/as.sock)
#	--listen ADDRESS     where nginx listens (the issuer's port; on all addresses if
#	                     it is https, else on 127.0.0.1)
#	--certificate FILE   for TLS, with its chain
#	--key FILE
#	--client-ca FILE     ask for client certificates that this CA signed (RFC 8705)
#	--login-rate N       log-ins per second and address (2), and ten times as many pages, in
#	                     bursts of what ten seconds allow
#	--token-rate N       requests per second and address to /token, /revoke and
#	                     /device_authorization (200, in bursts of four times as many)
#	--logins-rate N      log-ins per second from all addresses together (8; as many as five
#	                     seconds are enough for wait)
#	--login-socket PATH  a PostgREST of their own for log-ins (the same as for the rest)
#	--connections N      requests in work at once for an address (100)
#	--logs FOLDER        of oauth-access.log and oauth-error.log (FOLDER)
#	--nginx PROGRAM      for whose version the files are (nginx, if there is one)
#
# Then either run it as it is:
#
#	nginx -c FOLDER/nginx.conf
#
# or include it in an nginx that serves other things as well:
#
#	http {
#		include FOLDER/oauth-http.conf;
#		server {
#			listen 443 ssl;
#			ssl_certificate ...;
#			include FOLDER/oauth-errors.conf;
#			include FOLDER/oauth-issuers.conf;
#		}
#	}
set -euo pipefail

die()
{
	echo "error: $*" >&2
	exit 1
}

usage()
{
	sed -n '/^#	deploy/s/^#	/usage: /p; /^#	  *--\|^#	  *[a-z/]/s/^#	/  /p' "$0" >&2
	exit 2
}

socket=/run/oauth/as.sock
listen='' certificate='' key='' client_ca=''
login_rate=2 token_rate=200 logins_rate=8 connections=100 login_socket='' logs='' nginx=nginx
while [ $# -gt 0 ]; do
	case $1 in
		--socket | --listen | --certificate | --key | --client-ca | --login-rate | --token-rate | --logins-rate | \
			--login-socket | --connections | --logs | --nginx)
			[ $# -ge 2 ] || usage
			option=${1#--}
			printf -v "${option//-/_}" %s "$2"
			shift 2
			;;
		-*) usage ;;
		*) break ;;
	esac
done
[ $# -ge 2 ] || usage

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/nginx" && pwd -P)
mkdir -p "$1/temp"
folder=$(cd "$1" && pwd -P)
shift
logs=${logs:-$folder}
login_socket=${login_socket:-$socket}

# What goes into nginx's files must not end a string there.
for path in "$folder" "$socket" "$login_socket" "$logs" ${certificate:+"$certificate"} ${key:+"$key"} ${client_ca:+"$client_ca"}; do
	[[ $path =~ ^/[A-Za-z0-9/._+-]+$ ]] || die "\"$path\" is no absolute path of letters, digits and / . _ + -"
done
for number in "$login_rate" "$token_rate" "$logins_rate" "$connections"; do
	[[ $number =~ ^[1-9][0-9]{0,5}$ ]] || die "\"$number\" is no number of requests"
done
[[ -z $listen || $listen =~ ^[]A-Za-z0-9.:/_[-]+$ ]] || die "\"$listen\" is no address"

host=''
for issuer; do
	[[ $issuer =~ ^(https?://[]A-Za-z0-9.:[-]+)((/[A-Za-z0-9._~-]+)*)$ ]] ||
		die "\"$issuer\" is no issuer: https://HOST[:PORT][/PATH], without a slash at the end"
	[ -z "$host" ] || [ "$host" = "${BASH_REMATCH[1]}" ] ||
		die "$host and ${BASH_REMATCH[1]} are two hosts: make a folder and a server block for each"
	host=${BASH_REMATCH[1]}
done
case $host in
	https:*) [ -n "$certificate" ] && [ -n "$key" ] || die 'an https issuer needs --certificate and --key' ;;
	*) [ -z "$certificate$key$client_ca" ] || die 'certificates are for https issuers' ;;
esac

# Since 1.25.1 HTTP/2 has a directive of its own, and the old way to ask for it is warned
# of.  Where nginx is not known, the old way, which all understand.
has_http2_directive()
{
	local version
	version=$(PATH=$PATH:/usr/sbin:/usr/local/sbin "$nginx" -v 2>&1 | sed -n 's|^nginx version: [^/]*/\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*|\1 \2 \3|p') || return
	# shellcheck disable=SC2086
	[ -n "$version" ] && [ "$(printf '%d%03d%03d' $version)" -ge 1025001 ]
}

listening()
{
	local port=${host##*:} http2=' http2'
	case $host in
		https:*)
			[[ $port =~ ^[0-9]+$ ]] || port=443
			! has_http2_directive || http2=''
			cat <<-END
				listen ${listen:-$port} ssl$http2;
				ssl_certificate $certificate;
				ssl_certificate_key $key;
				ssl_protocols TLSv1.2 TLSv1.3;
				ssl_session_cache shared:oauth_tls:1m;
				ssl_session_tickets off;
			END
			[ -n "$http2" ] || echo 'http2 on;'
			[ -z "$client_ca" ] || printf '%s\n' "ssl_client_certificate $client_ca;" 'ssl_verify_client optional;'
			;;
		*)
			[[ $port =~ ^[0-9]+$ ]] || port=80
			echo "listen ${listen:-127.0.0.1:$port};"
			;;
	esac
}

filled_in()
{
	sed -e "s|@CONF@|$folder|g" -e "s|@SOCKET@|$socket|g" -e "s|@LOGS@|$logs|g" \
		-e "s|@LOGIN_SOCKET@|$login_socket|g" -e "s|@CONNECTIONS@|$connections|g" \
		-e "s|@LOGINS_RATE@|$logins_rate|g" -e "s|@LOGINS_BURST@|$((5 * logins_rate))|g" \
		-e "s|@LOGIN_RATE@|$login_rate|g" -e "s|@LOGIN_BURST@|$((10 * login_rate))|g" \
		-e "s|@PAGE_RATE@|$((10 * login_rate))|g" -e "s|@PAGE_BURST@|$((100 * login_rate))|g" \
		-e "s|@TOKEN_RATE@|$token_rate|g" -e "s|@TOKEN_BURST@|$((4 * token_rate))|g" "$@"
}

for file in nginx oauth-http oauth-endpoint oauth-cache oauth-error oauth-error-page oauth-errors oauth-log; do
	filled_in "$here/$file.conf" >"$folder/$file.conf"
done
listening >"$folder/listen.conf"
for issuer; do
	filled_in -e "s|@ISSUER@|$issuer|g" -e "s|@PREFIX@|${issuer#"$host"}|g" "$here/oauth-issuer.conf"
done >"$folder/oauth-issuers.conf"
