# The demo's authorization server: nginx, a PostgREST of its own, a client.  Sourced
# by deploy/demo.sh.
# shellcheck shell=bash disable=SC2154

as_port='' client_port=''
oauth_work=$work/oauth

stop_oauth()
{
	stop_server nginx "$oauth_work/nginx.conf"
	stop_server postgrest-as "$work/postgrest-as.conf"
	stop_server client "$work/client.mjs"
}

start_oauth()
{
	local nginx
	nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
	cp deploy/postgrest-as.conf deploy/demo/client.mjs "$work/"
	deploy/configure.sh --socket "$oauth_work/as.sock" "$oauth_work" "$oauth_issuer" >/dev/null
	[ "$EUID" -ne 0 ] || chown -R "$(server_account)" "$oauth_work"

	start_server postgrest-as env PGRST_DB_URI='postgresql://oauth_authenticator@/demo' \
		PGRST_SERVER_UNIX_SOCKET="$oauth_work/as.sock" "$postgrest" "$work/postgrest-as.conf"
	start_server nginx "$nginx" -c "$oauth_work/nginx.conf" -g 'daemon off;'
	start_server client env ISSUER="$oauth_issuer" API="http://localhost:$port/notes" node "$work/client.mjs" "$client_port"
	wait_for 'the authorization server' 'postgrest-as.log nginx.log oauth/oauth-error.log oauth/oauth-access.log' curl -sf "$oauth_issuer/.well-known/jwks.json"
}

# Request and answer, with what matters of it, as a browser or client has them.
exchange()
{
	local expected=$1 text=$2 shown=$3
	shift 3
	tell "$text"
	show_command "$shown"
	curl -sS -i -b "$work/cookies" -c "$work/cookies" "$@" | tr -d '\r' >"$work/output"
	# of the headers what matters here, of the bodies JSON, and no page's HTML
	awk 'NR == 1 || tolower($0) ~ /^(location|set-cookie|www-authenticate):/ { print }
		/^$/ { body = 1 }
		body && /^\{"/ { print ""; gsub(/, "/, ",\n \""); print }' "$work/output" |
		sed -E 's/^(.{130}).+/\1…/' | render
	grep -q "^HTTP/1.1 $expected " "$work/output" || die "that should have been $expected" "its logs: $work"
}
hidden_field() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$work/output" | head -n 1 | sed 's/&amp;/\&/g'; }
location() { sed -n 's/^[Ll]ocation: //p' "$work/output"; }

show_oauth()
{
	local verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
	local callback=http://127.0.0.1:4711/callback query csrf request code access

	heading 8 'The whole of OAuth: somebody logs in'
	as_port=$(free_port 8080)
	oauth_issuer=http://127.0.0.1:$as_port
	client_port=$(free_port 4700)
	sql oauth.sql 0 -v issuer="$oauth_issuer"
	run "deploy/configure.sh --socket \$RUN/as.sock \$RUN $oauth_issuer" true
	start_oauth
	tell "    nginx and a second PostgREST serve it at $oauth_issuer"

	rm -f "$work/cookies"
	query="response_type=code&client_id=notes-desktop&redirect_uri=$callback&scope=openid%20profile%20notes:read&state=xyz"
	query="$query&code_challenge=$challenge&code_challenge_method=S256"
	exchange 303 'The client sends the browser of the resource owner to the authorization server:' \
		'curl -i "$ISSUER/authorize?response_type=code&client_id=notes-desktop&scope=openid profile notes:read&…"' "$oauth_issuer/authorize?$query"
	exchange 200 'Nobody is logged in, so it is the log-in page that comes, with a cookie:' 'curl -i "$LOCATION"' "$(location)"
	csrf=$(hidden_field csrf) request=$(hidden_field request)
	exchange 303 'The resource owner types name and password.  The cookie is replaced by another:' \
		'curl -i $ISSUER/login -d username=alice -d password=… -d csrf=… -d request=…' "$oauth_issuer/login" \
		--data-urlencode username=alice --data-urlencode 'password=correct horse battery staple' \
		--data-urlencode "csrf=$csrf" --data-urlencode "request=$request"
	exchange 303 'Now she is known, but has not said yes:' 'curl -i "$LOCATION"' "$(location)"
	exchange 200 'The consent page:' 'curl -i "$LOCATION"' "$(location)"
	csrf=$(hidden_field csrf) request=$(hidden_field request)
	exchange 303 'She allows it, and the browser takes the code to the client:' 'curl -i $ISSUER/consent -d decision=approve -d csrf=… -d request=…' "$oauth_issuer/consent" \
		-d decision=approve --data-urlencode "csrf=$csrf" --data-urlencode "request=$request"
	code=$(location | sed -n 's/.*[?&]code=\([^&]*\).*/\1/p')
	set -- -d grant_type=authorization_code -d client_id=notes-desktop -d "redirect_uri=$callback" -d "code=$code" -d "code_verifier=$verifier"
	exchange 200 'The client exchanges it, and proves with the verifier that it is the one that asked:' \
		'curl -i $ISSUER/token -d grant_type=authorization_code -d code=… -d code_verifier=… -d client_id=notes-desktop' "$oauth_issuer/token" "$@"
	access=$(sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p' "$work/output")
	ask 200 'The access token opens the resource server, which is the PostgREST of before:' ACCESS "$access"
	exchange 400 'Somebody has seen the code in a log, and tries it as well:' 'curl -i $ISSUER/token -d code=… …' "$oauth_issuer/token" "$@"
	ask 401 'So of two who had it one was a thief.  What came of the code is dead:' ACCESS "$access"
}
