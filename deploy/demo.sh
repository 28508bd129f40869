#!/usr/bin/env bash
# The main job, shown on real input: keys, tokens, other libraries' tokens,
# row-level security, attempts at forgery, PostgREST, and the authorization server.
#
#	deploy/demo.sh             show it; all servers stay up
#	deploy/demo.sh token NAME  a fresh token for a user of the demo that is up
#	deploy/demo.sh psql [ARG]...   psql in its database
#	deploy/demo.sh stop        stop them
#
# What it needs it installs first (test/setup.sh).  Everything it makes is in
# the private server "demo" of test/cluster.sh and in that server's folder; each
# run begins with a new database.  All SQL shown is in deploy/demo/, and what
# stands below it is what the server said: long tokens are shortened, and of HTTP
# headers only those that matter here are shown.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../test/lib.sh"
cd "$top"

issuer=https://demo.example
server=${DEMO_SERVER:-demo}	# another one for a test beside it
port=''

# ---------------------------------------------------------------------------
# Showing

# Each of these begins with an empty line, so none ends with one.
heading() { printf '\n\n%s%s  %s%s\n' "$bold" "$1" "$2" "$plain"; }
tell()
{
	echo
	printf '%s\n' "$@"
}
show_command()
{
	echo
	printf '    %s$ %s%s\n' "$cyan" "${1//$'\n'/$'\n'      }" "$plain"
}

# What psql or a program printed, indented.  render FILE is for psql -a, which
# prints FILE's lines as it reads them: those are told from the output by being
# the next ones of FILE.
render()
{
	awk -v source="${1:-}" -v input="$cyan" -v red="$red" -v yellow="$yellow" -v plain="$plain" '
		# Cut tokens short, for the eye.
		function shortened(s,    out)
		{
			while (match(s, /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+/))
			{
				out = out substr(s, 1, RSTART - 1)
				if (RLENGTH > 60)
					out = out substr(s, RSTART, 24) "…" substr(s, RSTART + RLENGTH - 12, 12)
				else
					out = out substr(s, RSTART, RLENGTH)
				s = substr(s, RSTART + RLENGTH)
			}
			return out s
		}
		# Long messages, folded below themselves.
		function folded(s,    indent, out, cut)
		{
			match(s, /^[A-Za-z-]+: +/)
			indent = substr("                ", 1, RLENGTH)
			while (length(s) > 84)
			{
				for (cut = 84; cut > 40 && substr(s, cut, 1) != " "; cut--)
					;
				if (cut == 40)
					break
				out = out substr(s, 1, cut - 1) "\n    "
				s = indent substr(s, cut + 1)
			}
			return out s
		}
		function show(colour, s)
		{
			if (s == "")
				blank = 1
			else
			{
				if (blank)
					print ""
				print colour s (colour == "" ? "" : plain)
				blank = 0
			}
			fflush()
		}
		# The next line that psql is to read.
		function advance()
		{
			awaited = ""
			while (source != "" && (getline awaited < source) > 0 && awaited == "")
				blank = 1	# psql does not print these
		}
		BEGIN {
			advance()
			blank = 1
		}
		$0 != "" && $0 == awaited {
			if (!/^\\/) {
				blank = blank || after_output
				after_output = 0
				if (sub(/^-- /, ""))
					show("", $0)
				else
					show(input, "    " $0)
			}
			advance()
			next
		}
		/^LOCATION: / { next }
		{ sub(/ +$/, ""); gsub(/\t/, "    ") }
		$0 != "" {
			blank = blank || !after_output
			after_output = 1
		}
		/^ERROR: / { show(red, "    " folded($0)); next }
		/^(DETAIL|HINT): / { show(yellow, "    " folded($0)); next }
		/^WWW-Authenticate: / { show("", "    " folded($0)); next }
		/^\{"code"/ { gsub(/,"/, ",\n     \"") }
		{ show("", $0 == "" ? "" : "    " shortened($0)) }
	'
}

psql_demo() { test/cluster.sh psql "$server" -q -d "${database:-demo}" "$@"; }

# sql FILE ERRORS [ARG]...: run a file of deploy/demo, showing its lines and what
# the server says to each.  ERRORS says how many errors are to come, since a demo
# of refusals has some.  What psql printed is kept in $output.
sql()
{
	local file=deploy/demo/$1 expected=$2 errors
	shift 2
	psql_demo -a -v VERBOSITY=verbose -P pager=off "$@" <"$file" 2>&1 | tee "$work/output" | render "$file"
	errors=$(grep -c '^ERROR: ' "$work/output" || true)
	[ "$errors" = "$expected" ] ||
		die "$file should have met $expected errors and met $errors" "the server's log: $OAUTH_JWT_LOG"
}

last_token() { grep -o 'eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*' "$work/output" | tail -n 1; }

# run COMMAND-AS-SHOWN COMMAND...
run()
{
	local shown=$1
	shift
	show_command "$shown"
	"$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; die "that did not work: $*"; }
	render <"$work/output"
}

# ask STATUS TEXT TOKEN-AS-SHOWN TOKEN [ARG]...: a request to PostgREST
ask()
{
	local status=$1 text=$2 name=$3 token=$4 headers=()
	shift 4
	tell "$text"
	if [ -n "$token" ]; then
		show_command "curl -i localhost:$port/notes${*:+ "$*"} -H \"Authorization: Bearer \$$name\""
		headers=(-H "Authorization: Bearer $token")
	else
		show_command "curl -i localhost:$port/notes"
	fi
	curl -sS -i "http://localhost:$port/notes" "${headers[@]}" "$@" | tr -d '\r' >"$work/output"
	grep -v -E -i '^(Date|Server|Transfer-Encoding|Content-[A-Za-z]+):' "$work/output" | render
	grep -q "^HTTP/1.1 $status " "$work/output" || die "PostgREST should have answered $status" "its log: $work/postgrest.log"
}

# ---------------------------------------------------------------------------
# The demo

new_token() { psql_demo -At -v issuer="$issuer" -v claims="$1" "${@:2}" <<<"SELECT jwt.issue(:'claims', :'issuer', expires_in => :'lifetime');"; }
claims_of() { printf '{"sub": "%s", "aud": "https://notes.example", "role": "%s", "scope": "%s"}' "$1" "$2" "$3"; }
token_for() { new_token "$(claims_of "$1" "${2:-api_user}" "${3:-notes:read notes:write}")" -v lifetime="${4:-1 hour}"; }

set_up()
{
	test/setup.sh build demo
	set_server_prefix
	make_own_folder .run
	make_own_folder "$(run_folder)"
	make_own_folder "$(run_folder)/$server"
	make_own_folder "$work"
	exec 9>"$work/lock"
	flock -n 9 || die 'the demo is being started or stopped by another command' 'wait for it'

	stop_oauth
	stop_postgrest
	step 'building the extension, starting a private PostgreSQL with it'
	find_pg_config
	build all >"$work/build.log" 2>&1 || { tail -n 30 "$work/build.log" >&2; die 'it does not build' "all of it: $work/build.log"; }
	test/cluster.sh start "$server" 9>&- | sed 's/^/    /'
	eval "$(test/cluster.sh env "$server")"
	install_node_modules
	find_postgrest
	database=postgres psql_demo -v ON_ERROR_STOP=1 <<-'SQL'
		SET client_min_messages = warning;
		DROP DATABASE IF EXISTS demo WITH (FORCE);
		DROP ROLE IF EXISTS authenticator, anon, api_user, oauth_authenticator, oauth_anon;
		CREATE DATABASE demo;
	SQL
}

show_sql_part()
{
	heading 1 'A key'
	sql key.sql 0

	heading 2 'A token, issued from SQL'
	sql token.sql 0
	token=$(last_token)
	tell 'It has been given iss, iat, exp and jti as well, as the next step shows.'

	heading 3 'The same token, verified by another library'
	tell "Node's jose knows nothing of PostgreSQL.  It gets the token, and jwt.jwks() for keys:"
	run 'cat deploy/demo/verify.js' cat deploy/demo/verify.js
	run 'node deploy/demo/verify.js "$TOKEN" "$JWKS"' \
		node deploy/demo/verify.js "$token" "$(psql_demo -Atc 'SELECT jwt.jwks()')"

	heading 4 "A token made by another library: Node's jsonwebtoken"
	tell 'The example that every tutorial has:'
	run 'cat deploy/demo/tutorial.js' cat deploy/demo/tutorial.js
	run 'node deploy/demo/tutorial.js' node deploy/demo/tutorial.js
	sql tutorial.sql 1 -v token="$(last_token)"

	heading 5 'A table that two users see differently'
	sql table.sql 0
	alice=$(token_for alice) bob=$(token_for bob api_user notes:read)
	sql sessions.sql 1 -v alice="$alice" -v bob="$bob"

	heading 6 'Trying to be somebody else'
	forged=$(with_subject bob "$alice")
	sql forge.sql 4 -v alice="$alice" -v forged="$forged"
}

# The token with another sub and its old signature.
with_subject()
{
	local header payload signature
	IFS=. read -r header payload signature <<<"$2"
	payload=$(node -e 'const claims = JSON.parse(Buffer.from(process.argv[1], "base64url"));
		claims.sub = process.argv[2];
		console.log(Buffer.from(JSON.stringify(claims)).toString("base64url"));' "$payload" "$1")
	echo "$header.$payload.$signature"
}

show_postgrest()
{
	heading 7 'PostgREST in front of that table'
	sql authenticator.sql 0
	run 'psql -f deploy/postgrest.sql' psql_demo -f deploy/postgrest.sql
	tell 'From there it gets its keys, and has each token verified once more by jwt.set_session.'
	psql_demo -c "UPDATE jwt.issuers SET leeway = '0'"	# one machine, one clock
	start_postgrest
	show_command 'postgrest deploy/postgrest.conf'
	tell "    $("$postgrest" --version), port $port"

	local expired impostor
	expired=$(token_for alice api_user notes:read '1 second')
	impostor=$(token_for alice postgres)
	ask 200 "Alice's notes, with Alice's token:" ALICE "$alice"
	ask 200 "Bob's:" BOB "$bob"
	ask 401 'With none:' '' ''
	ask 401 "Alice's token, with Bob's name put in:" FORGED "$forged"
	ask 403 "A good token that says \"role\": \"postgres\".  The log-in role was not granted that one:" SUPERUSER "$impostor"
	sleep 1.2
	ask 401 'A token that lived for one second.  PostgREST allows clocks half a minute; the second
check does not:' EXPIRED "$expired"
}

show_more()
{
	heading 9 'Your turn: it stays up'
	cat <<-EOF

		In a browser, log in as alice, password "correct horse battery staple":

		    http://127.0.0.1:$client_port              a client, which asks for her notes
		    $oauth_issuer/account      her account, where she takes it back

		A token, and what it opens:

		    TOKEN=\$(deploy/demo.sh token alice)
		    curl localhost:$port/notes -H "Authorization: Bearer \$TOKEN"
		    curl localhost:$port/notes -H "Authorization: Bearer \$TOKEN" -d note='feed the cat'

		Why a token is refused:

		    deploy/demo.sh psql -c "SELECT * FROM jwt.explain('\$TOKEN', audience => '{https://shop.example}')"

		A new signing key.  Old tokens stay good, and PostgREST knows both at once:

		    deploy/demo.sh psql -c "SELECT jwt.rotate_key('$issuer')"
		    deploy/demo.sh psql -c "SELECT kid, algorithm, state FROM jwt.keys"

		Any SQL you like:     deploy/demo.sh psql
		The servers' logs:    ${OAUTH_JWT_LOG#"$top/"}
		                      ${work#"$top/"}/*.log
		To end it:            make demo-stop

	EOF
}

need_running()
{
	test/cluster.sh status "$server" >/dev/null 2>&1 || die 'the demo does not run' 'make demo'
}

work=$(run_folder)/$server/api
. deploy/demo/servers.bash
. deploy/demo/oauth.bash
cyan=''
[ -z "$bold" ] || cyan=$'\e[36m'
case ${1:-} in
	'')
		set_up
		show_sql_part
		show_postgrest
		show_oauth
		show_more
		;;
	token)
		need_running
		token_for "${2:-alice}"
		;;
	psql)
		need_running
		shift
		exec test/cluster.sh psql "$server" -d demo "$@"
		;;
	stop)
		stop_oauth
		stop_postgrest
		test/cluster.sh stop "$server"
		say 'stopped; "make demo" begins anew'
		;;
	*)
		sed -n '/^#	deploy/s/^#	/  /p' "$0" >&2
		exit 2
		;;
esac
