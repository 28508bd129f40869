#!/usr/bin/env bash
# Measure, each thing beside the one it is compared with, in one run on one
# core: the server, OpenSSL alone and psql take turns on it.  Medians of
# several rounds; the ratio is taken round by round.
#
#	test/bench/run.sh [ROUNDS]
#
# A report, not a test: nothing fails because a machine is slow.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

rounds=${1:-7}
step 'looking for what is needed'
"$top/test/setup.sh" build
set_server_prefix
find_pg_config

step 'starting a server on one core'
core=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
taskset -c "$core" "$top/test/cluster.sh" start bench --fresh jit=off max_parallel_workers_per_gather=0 \
	autovacuum=off shared_buffers=512MB
sql() { taskset -c "$core" "$top/test/cluster.sh" psql bench -X -q -A -t "$@"; }

work=$(run_folder)/bench-openssl
cc -O2 -o "$work" "$top/test/bench/openssl.c" -lcrypto
openssl_alone() { taskset -c "$core" "$work" "$@"; }

# beside_openssl NAME ROUND ALGORITHM OPERATION COMMAND...: what COMMAND says, and what
# OpenSSL takes just before and just after it, since 260 us are not the same all day.
beside_openssl()
{
	local name=$1 round=$2 operation=("$3" "$4" "$bytes") before ours after
	shift 4
	before=$(openssl_alone "${operation[@]}")
	ours=$("$@")
	after=$(openssl_alone "${operation[@]}")
	record "$name" "$round" "$ours" "($before + $after) / 2.0"
}

step 'making keys, tokens and a table of a million rows'
sql -f "$top/test/bench/setup.sql" >/dev/null

record() { sql -c "INSERT INTO bench.times VALUES ('$1', $2, $3, $4)"; }

# What the server takes for each of an algorithm's tokens.
verify_query()
{
	echo "SELECT count(jwt.verify(token, verifier, issuer => 'https://issuer.example.com', audience => '{https://api.example.com}'))
		FROM bench.tokens WHERE algorithm = '$1'"
}
empty_query() { echo "SELECT count(token), count(verifier) FROM bench.tokens WHERE algorithm = '$1'"; }
count_of() { sql -c "SELECT count(*) FROM bench.tokens WHERE algorithm = '$1'"; }
time_of() { sql -c "SELECT bench.time(\$q\$$1\$q\$, $2, \$q\$$3\$q\$)"; }

step 'verifying tokens never seen before'
n=$(count_of HS256)
for round in $(seq "$rounds"); do
	ours=$(time_of "$(verify_query HS256)" "$n" "$(empty_query HS256)")
	json=$(time_of "SELECT count(payload::jsonb) FROM bench.tokens WHERE algorithm = 'HS256'" "$n" \
		"SELECT count(payload) FROM bench.tokens WHERE algorithm = 'HS256'")
	record 'verify HS256' "$round" "$ours" "$json"
done

bytes=$(sql -c "SELECT round(avg(length(token))) - 60 FROM bench.tokens WHERE algorithm = 'HS256'")
for algorithm in RS256 ES256 EdDSA; do
	n=$(count_of $algorithm)
	for round in $(seq "$rounds"); do
		beside_openssl "verify $algorithm" "$round" $algorithm verify \
			time_of "$(verify_query $algorithm)" "$n" "$(empty_query $algorithm)"
	done
done

step 'verifying a token again'
for algorithm in HS256 RS256 ES256 EdDSA; do
	one="(SELECT token, payload, verifier FROM bench.tokens WHERE algorithm = '$algorithm' LIMIT 1) AS t, generate_series(1, 20000)"
	for round in $(seq "$rounds"); do
		ours=$(time_of "SELECT count(jwt.verify(token, verifier, issuer => 'https://issuer.example.com', audience => '{https://api.example.com}')) FROM $one" \
			20000 "SELECT count(token), count(verifier) FROM $one")
		json=$(time_of "SELECT count(payload::jsonb) FROM $one" 20000 "SELECT count(payload) FROM $one")
		record "again $algorithm" "$round" "$ours" "$json"
	done
done

step 'signing'
for algorithm in HS256 RS256 ES256 EdDSA; do
	n=$([ $algorithm = RS256 ] && echo 2000 || echo 5000)
	rows="(SELECT payload::jsonb - 'exp' - 'iat' AS claims, jwk FROM bench.tokens WHERE algorithm = '$algorithm' LIMIT $n OFFSET 0) AS t"
	sql -c 'DROP TABLE IF EXISTS bench.claims' -c "CREATE TABLE bench.claims AS SELECT * FROM $rows" 2>/dev/null
	for round in $(seq "$rounds"); do
		beside_openssl "sign $algorithm" "$round" $algorithm sign \
			time_of "SELECT count(jwt.sign(claims, jwk, expires_in => '1h')) FROM bench.claims" "$n" \
			"SELECT count(claims), count(jwk) FROM bench.claims"
	done
done

step 'a policy over a million rows'
policy_sql()
{
	local role
	cat <<-'SQL'
		BEGIN;
		SELECT jwt.set_session(jwt.issue('{"sub": "user-42"}')) \g /dev/null
		SELECT count(*) FROM bench.documents \g /dev/null
	SQL
	# twice each, in both orders, so that neither always comes first
	for role in subject constant constant subject; do
		cat <<-SQL
			SET LOCAL ROLE bench_$role;
			SELECT bench.processor_time() AS start \gset
			SELECT count(*) FROM bench.documents \g /dev/null
			SELECT bench.processor_time() - :start AS $role \gset
			\echo $role :$role
			RESET ROLE;
		SQL
	done
	echo 'COMMIT;'
}
for round in $(seq "$rounds"); do
	read -r ours constant < <(policy_sql | sql -f - |
		awk '$1 == "subject" { a += $2 } $1 == "constant" { b += $2 } END { print a / 2, b / 2 }')
	record 'policy' "$round" "$ours" "$constant"
done

plan_sql()
{
	cat <<-SQL
		SET max_parallel_workers_per_gather = 2;
		SELECT jwt.set_session(jwt.issue('{"sub": "user-42"}'), false) \g /dev/null
		SET ROLE bench_$1;
		EXPLAIN (COSTS OFF) SELECT count(*) FROM bench.documents;
	SQL
}
subject_plan=$(plan_sql subject | sql -f - | grep -v Filter)
constant_plan=$(plan_sql constant | sql -f - | grep -v Filter)

step 'filling the caches'
memory_sql()
{
	cat <<-'SQL'
		SELECT count(jwt.verify(token, verifier)) FROM bench.tokens \g /dev/null
		SELECT count(jwt.sign('{}', md5(n::text) || md5(n::text))) FROM generate_series(1, 2000) AS n \g /dev/null
		SELECT count(jwt.create_issuer('https://' || n || '.example.com')) FROM generate_series(1, 100) AS n \g /dev/null
		SELECT count(jwt.verify(jwt.issue('{}', 'https://' || n || '.example.com'))) FROM generate_series(1, 100) AS n \g /dev/null
		SELECT string_agg(format('%s %s kB (%s entries)', cache, bytes / 1024, entries), ', ') || '; together '
		       || (sum(bytes) / 1024)::integer || ' kB' FROM jwt.cache_stats();
	SQL
}
memory=$(memory_sql | sql -f -)

report()
{
	taskset -c "$core" "$top/test/cluster.sh" psql bench -X -q -P footer=off -f "$top/test/bench/report.sql"
}
say
sql -c "SELECT format('A token has %s bytes, its claims %s.', round(avg(length(token))), round(avg(length(payload)))) FROM bench.tokens WHERE algorithm = 'HS256'"
report
say "Plan of the policy:   $(echo "$subject_plan" | tr -s ' \n' ' ')"
say "Plan of the constant: $(echo "$constant_plan" | tr -s ' \n' ' ')"
say "Caches, filled:       $memory; bound 2048 kB"
"$top/test/cluster.sh" stop bench >/dev/null
