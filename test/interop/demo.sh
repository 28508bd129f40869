#!/usr/bin/env bash
# "make demo" to its end, what it says to try then, and "make demo-stop"; beside a
# demo that may be up.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_node
export DEMO_SERVER=demo_test
cd "$top"

said=$work/demo.log
demo() { deploy/demo.sh "$@" 2>&1; }
# ok TEST-COMMAND... -- NAME
n=0
ok()
{
	local command=()
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	n=$((n + 1))
	if "${command[@]}" >"$work/demo.last" 2>&1; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		tail -n 15 "$work/demo.last" | sed 's/^/# /'
	fi
}
answer() { curl -sS --fail "http://localhost:$port/notes" -H "Authorization: Bearer $token" "$@"; }
shows() { answer | grep -F "$1"; }

trap 'demo stop >"$work/demo.last"' EXIT
ok bash -c "deploy/demo.sh >'$said' 2>&1 || { tail -n 15 '$said'; false; }" -- 'the demo comes to its end'
port=$(sed -n 's/.*curl localhost:\([0-9]*\)\/notes -H "Authorization: Bearer \$TOKEN"$/\1/p' "$said" | head -n 1)
client=$(sed -n 's/^ *\(http:\/\/127\.0\.0\.1:[0-9]*\) .*a client.*/\1/p' "$said")
account=$(sed -n 's/^ *\(http:[^ ]*\/account\) .*/\1/p' "$said")

token=$(demo token alice)
ok grep -q '^eyJ[A-Za-z0-9_.-]*$' - -- 'a token for alice' <<<"$token"
ok shows '"owner":"alice"' -- '... opens her notes'
ok answer -d note='feed the cat' -- '... and writes one'
ok shows 'feed the cat' -- '... which is there'
ok bash -c "deploy/demo.sh psql -At -c \"SELECT ok, detail FROM jwt.explain('$token', audience => '{https://shop.example}') WHERE NOT ok\" | grep -q '^f'" -- 'why a token is refused'
ok demo psql -At -v ON_ERROR_STOP=1 -c "SELECT jwt.rotate_key('https://demo.example')" -- 'a new signing key'
ok answer -- '... and the old token is as good as before'
ok curl -sS --fail -o "$work/demo.last" "$client" -- 'the client answers'
ok bash -c "curl -sS -L '$account' | grep -q '<form'" -- 'the account page asks for a log-in'
ok demo stop -- 'make demo-stop'
ok bash -c "! curl -sS --max-time 2 http://localhost:$port/" -- '... and nobody listens any more'
echo "1..$n"
