\i test/tap.psql
-- How long a session's claims live, and who sees them: they follow the
-- transaction as a setting does, in savepoints, functions, plans, cursors and
-- parallel workers.

-- Everything below in psql's variables, which outlive DISCARD ALL and \c.
SELECT jwt.create_issuer('https://session.test') IS NULL AS unused \gset
UPDATE jwt.issuers SET leeway = '0' WHERE issuer = 'https://session.test';
SELECT jwt.issue('{"sub": "alice", "scope": "read"}', 'https://session.test') AS alice,
       jwt.issue('{"sub": "bob", "scope": "write"}', 'https://session.test') AS bob \gset

-- ---------------------------------------------------------------------------
-- DISCARD ALL takes pgTAP's own tables along, so these come before its plan.

SELECT jwt.set_session(:'alice', false) ->> 'sub' AS unused \gset
SELECT jwt.subject() AS before_reset \gset
RESET ALL;
SELECT coalesce(jwt.subject(), 'none') AS after_reset \gset
SELECT jwt.set_session(:'alice', false) ->> 'sub' AS unused \gset
DISCARD ALL;
SELECT coalesce(jwt.subject(), 'none') AS after_discard \gset

SELECT no_plan();
SELECT is(:'before_reset'::text, 'alice', 'a session that is not local outlives its statement');
SELECT is(:'after_reset'::text, 'none', 'RESET ALL ends it');
SELECT is(:'after_discard'::text, 'none', 'DISCARD ALL ends it');

-- ---------------------------------------------------------------------------
-- To the transaction's end, or beyond

SELECT is(jwt.subject(), NULL, 'no session to begin with');

SELECT is(jwt.set_session(:'alice') ->> 'sub', 'alice', 'set_session returns the claims');
SELECT is(jwt.subject(), NULL, 'set outside a transaction block, a local session is gone with its statement');

BEGIN;
SELECT is(jwt.set_session(:'alice') ->> 'sub', 'alice', 'local by default');
SELECT is(jwt.subject(), 'alice', '... and there at the next statement');
COMMIT;
SELECT is(jwt.subject(), NULL, '... and gone after COMMIT');

BEGIN;
SELECT jwt.set_session(:'alice', true) IS NULL AS unused \gset
ROLLBACK;
SELECT is(jwt.subject(), NULL, '... and gone after ROLLBACK');

BEGIN;
SELECT jwt.set_session(:'alice', NULL) IS NULL AS unused \gset
COMMIT;
SELECT is(jwt.subject(), NULL, 'a null is_local means local');

BEGIN;
SELECT jwt.set_session(:'alice', false) IS NULL AS unused \gset
ROLLBACK;
SELECT is(jwt.subject(), NULL, 'one that is not local is undone by ROLLBACK');

BEGIN;
SELECT jwt.set_session(:'alice', false) IS NULL AS unused \gset
COMMIT;
SELECT is(jwt.subject(), 'alice', '... and stays after COMMIT');

BEGIN;
SELECT jwt.set_session(:'bob') IS NULL AS unused \gset
SELECT is(jwt.subject(), 'bob', 'a local session covers the lasting one');
COMMIT;
SELECT is(jwt.subject(), 'alice', '... which is back after COMMIT');

BEGIN;
SELECT jwt.set_session(:'bob', false) IS NULL AS unused \gset
ROLLBACK;
SELECT is(jwt.subject(), 'alice', 'a lasting one undone by ROLLBACK gives way to the one before');

BEGIN;
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT is(jwt.subject(), NULL, 'clear_session ends it at once');
ROLLBACK;
SELECT is(jwt.subject(), 'alice', '... which ROLLBACK undoes');
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT is(jwt.subject(), NULL, '... and COMMIT does not');

BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT is(jwt.subject(), NULL, 'clear_session ends a local session too');
COMMIT;

-- ---------------------------------------------------------------------------
-- Savepoints and subtransactions

BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SAVEPOINT a;
SELECT jwt.set_session(:'bob') IS NULL AS unused \gset
SELECT is(jwt.subject(), 'bob', 'set within a savepoint');
SAVEPOINT b;
SELECT jwt.clear_session() IS NULL AS unused \gset
ROLLBACK TO b;
SELECT is(jwt.subject(), 'bob', 'a clear_session rolled back to a savepoint is undone');
ROLLBACK TO a;
SELECT is(jwt.subject(), 'alice', 'ROLLBACK TO brings back the session of the savepoint');
SAVEPOINT c;
SELECT jwt.set_session(:'bob') IS NULL AS unused \gset
RELEASE c;
SELECT is(jwt.subject(), 'bob', 'RELEASE keeps what was set since');
COMMIT;
SELECT is(jwt.subject(), NULL, 'and all of it is gone after COMMIT');

CREATE FUNCTION pg_temp.set_and_fail(token text, is_local boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    BEGIN
        PERFORM jwt.set_session(token, is_local);
        seen := jwt.subject();
        RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN
        RETURN seen || ', then ' || coalesce(jwt.subject(), 'none');
    END;
END
$$;
SELECT is(pg_temp.set_and_fail(:'bob', true), 'bob, then none', 'an exception block undoes a local session');
BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT is(pg_temp.set_and_fail(:'bob', true), 'bob, then alice', '... and brings back the one around it');
SELECT is(pg_temp.set_and_fail(:'bob', false), 'bob, then alice', '... over one that was to last');
SELECT is(jwt.subject(), 'alice', '... also for the caller');
COMMIT;

-- An error in the middle
BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT 1 / 0;
ROLLBACK;
SELECT is(jwt.subject(), NULL, 'an error ends the transaction and the session with it');

-- A bad token: the session there was stays, and the caller hears of it
BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT throws_ok(format('SELECT jwt.set_session(%L)', :'bob' || 'A'), 'JW007', NULL, 'a bad token raises');
SELECT throws_ok('SELECT jwt.set_session(NULL)', 'JW001', NULL, 'a null token raises');
SELECT is(jwt.subject(), 'alice', '... and leaves the session as it was');
COMMIT;

-- ---------------------------------------------------------------------------
-- Roles and functions

CREATE ROLE regress_jwt_session;
CREATE SCHEMA session_test;
GRANT USAGE ON SCHEMA session_test TO regress_jwt_session;

CREATE FUNCTION session_test.definer_subject() RETURNS text
LANGUAGE sql SECURITY DEFINER AS 'SELECT jwt.subject()';
CREATE FUNCTION session_test.definer_set(token text) RETURNS text
LANGUAGE sql SECURITY DEFINER AS 'SELECT jwt.set_session(token) ->> ''sub''';
CREATE FUNCTION session_test.set_with_own_settings(token text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog SET work_mem = '1MB' AS $$
BEGIN
    RETURN jwt.set_session(token) ->> 'sub';
END
$$;
CREATE FUNCTION session_test.subject_with_own_settings() RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RETURN jwt.subject();
END
$$;

BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SET LOCAL ROLE regress_jwt_session;
SELECT jwt.subject() AS as_role, session_test.definer_subject() AS as_definer \gset
RESET ROLE;
SELECT is(:'as_role'::text, 'alice', 'SET ROLE keeps the session');
SELECT is(:'as_definer'::text, 'alice', 'a SECURITY DEFINER function sees its caller''s session');
SELECT is(session_test.subject_with_own_settings(), 'alice', 'so does one with settings of its own');
SELECT is(session_test.definer_set(:'bob'), 'bob', 'a SECURITY DEFINER function sets it');
SELECT is(jwt.subject(), 'bob', '... for its caller too');
SELECT is(session_test.set_with_own_settings(:'alice'), 'alice', 'a function with settings of its own sets it');
SELECT is(jwt.subject(), 'alice', '... beyond its own end, since the setting is not among them');
COMMIT;
SELECT is(jwt.subject(), NULL, '... and not beyond the transaction''s');

SET SESSION AUTHORIZATION regress_jwt_session;
BEGIN;
SELECT jwt.set_session(:'alice') ->> 'sub' AS by_user \gset
SELECT jwt.subject() AS seen_by_user \gset
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT is(:'by_user'::text || ', ' || :'seen_by_user', 'alice, alice', 'an ordinary user sets and reads a session');

-- ---------------------------------------------------------------------------
-- Plans and cursors outlive a session

CREATE TABLE session_test.docs (owner text NOT NULL, n integer NOT NULL);
INSERT INTO session_test.docs
SELECT CASE n % 4 WHEN 0 THEN 'alice' WHEN 1 THEN 'bob' ELSE 'carol' END, n FROM generate_series(1, 40000) AS n;
CREATE INDEX ON session_test.docs (owner);
ANALYZE session_test.docs;

CREATE FUNCTION pg_temp.run(prepared text, token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    IF token IS NULL THEN
        PERFORM jwt.clear_session();
    ELSE
        PERFORM jwt.set_session(token);
    END IF;
    EXECUTE format('EXECUTE %I(0)', prepared) INTO answer;
    RETURN answer;
END
$$;

-- Only a statement with a parameter is ever given a custom plan.
PREPARE generic(integer) AS SELECT min(owner) || ' ' || count(*) FROM session_test.docs WHERE owner = jwt.subject() AND n > $1;
PREPARE custom(integer) AS SELECT min(owner) || ' ' || count(*) FROM session_test.docs WHERE owner = jwt.subject() AND n > $1;
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT is(pg_temp.run('generic', :'alice'), 'alice 10000', 'a generic plan under one session');
SELECT is(pg_temp.run('generic', :'bob'), 'bob 10000', '... under another');
SELECT is(pg_temp.run('generic', NULL), NULL, '... under none');
SELECT is(generic_plans, 3::bigint, '... and the plan was a generic one') FROM pg_prepared_statements WHERE name = 'generic';
SET LOCAL plan_cache_mode = force_custom_plan;
SELECT is(pg_temp.run('custom', :'alice'), 'alice 10000', 'a custom plan under one session');
SELECT is(pg_temp.run('custom', :'bob'), 'bob 10000', '... under another');
SELECT is(pg_temp.run('custom', NULL), NULL, '... under none');
SELECT is(custom_plans, 3::bigint, '... and the plan was a custom one') FROM pg_prepared_statements WHERE name = 'custom';
COMMIT;

-- What an accessor keeps between rows belongs to the session it is from.
CREATE FUNCTION pg_temp.follow(tokens text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    token text;
    seen text[] := '{}';
BEGIN
    FOREACH token IN ARRAY tokens LOOP
        PERFORM jwt.set_session(token);
        seen := seen || ARRAY[jwt.subject(), jwt.claim('sub'), jwt.claims() ->> 'sub', jwt.has_scope('write')::text];
    END LOOP;
    PERFORM jwt.clear_session();
    RETURN seen || ARRAY[jwt.subject(), jwt.claim('sub'), jwt.claims() ->> 'sub', jwt.has_scope('write')::text];
END
$$;
SELECT is(pg_temp.follow(ARRAY[:'alice', :'bob', :'alice']),
          '{alice,alice,alice,false,bob,bob,bob,true,alice,alice,alice,false,NULL,NULL,NULL,false}'::text[],
          'one call site follows the session within a statement');
SELECT is(pg_temp.follow(ARRAY[:'bob']), '{bob,bob,bob,true,NULL,NULL,NULL,false}'::text[],
          '... and from one statement to the next');

-- An open cursor sees the session of each FETCH, as it would a setting.
BEGIN;
SET LOCAL enable_indexscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
DECLARE own CURSOR FOR SELECT owner || ' as ' || coalesce(jwt.subject(), 'none') AS row FROM session_test.docs WHERE owner = jwt.subject();
FETCH own \gset first_
SELECT jwt.set_session(:'bob') IS NULL AS unused \gset
FETCH own \gset second_
SELECT is(:'first_row'::text, 'alice as alice', 'a cursor under one session');
SELECT is(:'second_row'::text, 'bob as bob', '... shows the rows of another once that is set');
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT is_empty('FETCH own', '... and none without a session');
COMMIT;

BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
DECLARE held CURSOR WITH HOLD FOR SELECT count(*) FROM session_test.docs WHERE owner = jwt.subject();
COMMIT;
SELECT results_eq('FETCH held', ARRAY[10000::bigint], 'a held cursor was filled under its transaction''s session');
CLOSE held;

-- ---------------------------------------------------------------------------
-- Parallel workers

CREATE FUNCTION pg_temp.workers_of(query text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT json) ' || query INTO plan;
    RETURN jsonb_path_query_first(plan, '$.**."Workers Launched"')::integer;
END
$$;

\set rows 'SELECT count(*) FROM session_test.docs WHERE owner = jwt.subject()'
\set predicates 'SELECT count(*) FILTER (WHERE jwt.has_scope(''read'')) AS a, count(*) FILTER (WHERE jwt.has_any_scope(''{write,read}'')) AS b, min(jwt.claim(''sub'')) AS c, min(jwt.claims()::text) AS d, min(jwt.issuer()) AS e FROM session_test.docs WHERE n % 2 = 0'

BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(pg_temp.workers_of(:'rows'), NULL, 'a serial plan has no workers');
CREATE TEMP TABLE serial AS :rows;
CREATE TEMP TABLE serial_predicates AS :predicates;

-- No row is the leader's: whatever is counted, workers have seen.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL parallel_leader_participation = off;
SET LOCAL enable_indexscan = off;
SET LOCAL enable_indexonlyscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT cmp_ok(pg_temp.workers_of(:'rows'), '>', 0, 'a parallel plan launches workers');
SELECT results_eq(:'rows', 'TABLE serial', '... and they see the session: same rows as serial');
SELECT cmp_ok(pg_temp.workers_of(:'predicates'), '>', 0, 'a parallel plan with every kind of accessor launches workers');
SELECT results_eq(:'predicates', 'TABLE serial_predicates', '... and gives the same as serial');
SELECT results_eq(:'rows', ARRAY[10000::bigint], '... which is what alice owns');
SAVEPOINT s;
SELECT jwt.set_session(:'bob') IS NULL AS unused \gset
SELECT results_eq('SELECT count(*), min(owner) FROM session_test.docs WHERE owner = jwt.subject()',
                  $$VALUES (10000::bigint, 'bob')$$, 'workers see a session set in a savepoint');
ROLLBACK TO s;
SELECT results_eq('SELECT count(*), min(owner) FROM session_test.docs WHERE owner = jwt.subject()',
                  $$VALUES (10000::bigint, 'alice')$$, '... and the one before it after ROLLBACK TO');
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT results_eq(:'rows', ARRAY[0::bigint], '... and none after clear_session');
SELECT results_eq('SELECT count(*) FROM session_test.docs WHERE jwt.subject() IS NULL', ARRAY[40000::bigint],
                  '... where the accessors are null in every worker');
COMMIT;

-- The same where the planner is made to use a worker for everything.
SELECT CASE WHEN current_setting('server_version_num')::integer < 160000
            THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END AS forced \gset
BEGIN;
SELECT set_config(:'forced', 'on', true) AS unused \gset
SELECT jwt.set_session(:'alice', true) IS NULL AS unused \gset
SELECT results_eq('SELECT jwt.subject(), jwt.has_scope(''read'')', $$VALUES ('alice', true)$$,
                  'a worker alone sees the session');
COMMIT;
SELECT is(jwt.subject(), NULL, 'no session is left');

-- ---------------------------------------------------------------------------
-- What a session rests on: test/specs/session_revoked.spec has other sessions'
-- changes.

BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SAVEPOINT s;
UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://session.test';
SELECT throws_ok(call, 'JW042', 'session''s token is no longer trusted', 'its issuer is disabled: ' || call)
FROM unnest(ARRAY['SELECT jwt.subject()', 'SELECT jwt.claims()', 'SELECT jwt.claim(''sub'')', 'SELECT jwt.user_id()', 'SELECT jwt.issuer()', 'SELECT jwt.client_id()',
                  'SELECT jwt.audience()', 'SELECT jwt.scopes()', 'SELECT jwt.has_scope(''read'')', 'SELECT jwt.has_any_scope(''{read}'')', 'SELECT jwt.has_role(''x'')']) AS call;
SELECT set_config(:'forced', 'on', true) AS unused \gset
SELECT throws_ok('SELECT jwt.subject()', 'JW042', NULL, '... in a parallel worker, which starts with nothing known');
SELECT set_config(:'forced', 'off', true) AS unused \gset
SELECT lives_ok('SELECT jwt.clear_session()', '... and can be ended');
SELECT is(jwt.subject(), NULL, '... which is an end');
ROLLBACK TO s;
SELECT is(jwt.subject(), 'alice', '... and undone is undone');
SELECT set_config(:'forced', 'on', true) AS unused \gset
SELECT is(jwt.subject(), 'alice', '... in a parallel worker too');
COMMIT;

-- A foreign issuer's keys, fetched again; its tokens without a kid, and with two keys to choose from
BEGIN;
SELECT jwt.generate_key('ES256', kid => 'a') - 'kid' AS a, jwt.generate_key('ES256', kid => 'b') - 'kid' AS b \gset
CREATE FUNCTION pg_temp.trust(VARIADIC jwks jsonb[]) RETURNS boolean LANGUAGE sql AS $$
    SELECT jwt.trust_issuer('https://foreign.session.test', jwks => (SELECT jsonb_build_object('keys', jsonb_agg(jwt.public_key(k))) FROM unnest(jwks) AS k)) IS NULL
$$;
SELECT pg_temp.trust(:'a', :'b') AS unused \gset
SELECT jwt.set_session(jwt.sign('{"iss": "https://foreign.session.test", "sub": "carol"}', :'b'::jsonb, expires_in => '1 hour')) IS NULL AS unused \gset
SELECT is(jwt.subject(), 'carol', 'a token without a kid, of the second of two keys');
SELECT pg_temp.trust(:'b', jwt.generate_key('ES256')) AS unused \gset
SELECT is(jwt.subject(), 'carol', '... goes on while that key is published');
SELECT pg_temp.trust(:'a') AS unused \gset
SELECT throws_ok('SELECT jwt.subject()', 'JW042', NULL, '... and no longer, though another key would fit');
ROLLBACK;

-- A shared secret
BEGIN;
SELECT jwt.trust_issuer('https://shared.session.test', secret => repeat('s', 32)) IS NULL AS unused \gset
SELECT jwt.set_session(jwt.sign('{"iss": "https://shared.session.test", "sub": "dave"}', repeat('s', 32), expires_in => '1 hour')) IS NULL AS unused \gset
UPDATE jwt.issuers SET roles_claim = '{groups}' WHERE issuer = 'https://shared.session.test';
SELECT is(jwt.subject(), 'dave', 'a shared secret: other changes do not end the session');
SELECT jwt.revoke_key(issuer, kid) IS NULL AS unused FROM jwt.keys WHERE issuer = 'https://shared.session.test' \gset
SELECT throws_ok('SELECT jwt.subject()', 'JW042', NULL, '... but its revocation');
ROLLBACK;

-- ---------------------------------------------------------------------------
-- A session's token expires

CREATE TABLE session_test.work (step text);
SELECT jwt.issue('{"sub": "brief"}', 'https://session.test', expires_in => '2 seconds') AS brief \gset

BEGIN;
INSERT INTO session_test.work VALUES ('before');
SELECT jwt.set_session(:'brief') IS NULL AS unused \gset
SELECT results_eq('SELECT slept, jwt.subject() FROM (SELECT pg_sleep(2.1) IS NULL AS slept OFFSET 0) AS s',
                  $$VALUES (false, 'brief')$$, 'a statement that began in time is not cut off');
SAVEPOINT s;
SELECT throws_ok('SELECT jwt.subject()', 'JW040', 'session''s token has expired', 'the next one raises');
SELECT throws_ok('SELECT ' || call, 'JW040', NULL, call)
FROM unnest(ARRAY['jwt.claims()', 'jwt.claim(''sub'')', 'jwt.user_id()', 'jwt.issuer()', 'jwt.client_id()', 'jwt.audience()',
                  'jwt.scopes()', 'jwt.has_scope(''x'')', 'jwt.has_any_scope(''{x}'')', 'jwt.has_role(''x'')']) AS call;
SELECT throws_ok('SELECT jwt.claim(NULL)', 'JW040', NULL, 'with a null argument too');
SELECT throws_ok(:'rows', 'JW040', NULL, 'a query that filters by it raises');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', :'brief'), 'JW010', NULL, 'the token cannot be set again');
INSERT INTO session_test.work VALUES ('after');
SELECT lives_ok(format('SELECT jwt.set_session(%L)', :'alice'), 'a fresh token can');
SELECT is(jwt.subject(), 'alice', '... and is the session');
COMMIT;
SELECT results_eq('SELECT step FROM session_test.work ORDER BY step DESC', ARRAY['before', 'after'],
                  'work that does not ask for the session is kept');

-- Where nobody catches it, the transaction ends as for any error.
SELECT jwt.issue('{"sub": "brief"}', 'https://session.test', expires_in => '1 second') AS brief \gset
SELECT jwt.set_session(:'brief', false) IS NULL AS unused \gset
SELECT pg_sleep(1.1) IS NULL AS unused \gset
BEGIN;
DELETE FROM session_test.work;
SELECT jwt.subject();
COMMIT;
SELECT is(count(*), 2::bigint, 'what an expired session made fail is rolled back') FROM session_test.work;
SELECT throws_ok('SELECT jwt.subject()', 'JW040', NULL, 'a session that lasts goes on raising');
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT is(jwt.subject(), NULL, '... until it is cleared');

-- A session keeps the issuer's leeway of when it was set.
UPDATE jwt.issuers SET leeway = '1 minute' WHERE issuer = 'https://session.test';
SELECT jwt.issue(jsonb_build_object('sub', 'late'), 'https://session.test', expires_in => '0.5 seconds') AS late \gset
SELECT pg_sleep(1.1) IS NULL AS unused \gset
BEGIN;
SELECT jwt.set_session(:'late') IS NULL AS unused \gset
SELECT is(jwt.subject(), 'late', 'the issuer''s leeway counts for the session');
UPDATE jwt.issuers SET leeway = '0' WHERE issuer = 'https://session.test';
SELECT is(jwt.subject(), 'late', '... as it was when the token was verified');
COMMIT;

-- A token without exp, where the issuer's row allows it
BEGIN;
UPDATE jwt.issuers SET required_claims = '{}' WHERE issuer = 'https://session.test';
SELECT jwt.set_session(jwt.sign('{"iss": "https://session.test", "sub": "forever"}', k.private_jwk::jsonb)) IS NULL AS unused
FROM jwt.keys AS k WHERE k.issuer = 'https://session.test' AND k.state = 'active' \gset
SELECT jwt.subject() AS forever \gset
ROLLBACK;
SELECT is(:'forever'::text, 'forever', 'a session without exp does not expire');

-- Nothing is written: it works in read-only transactions, so on standbys too.
BEGIN READ ONLY;
SELECT is(jwt.set_session(:'alice') ->> 'sub', jwt.subject(), 'a read-only transaction has sessions too');
COMMIT;

-- ---------------------------------------------------------------------------

SELECT * FROM finish();
DEALLOCATE ALL;
SET client_min_messages = warning;
DROP SCHEMA session_test CASCADE;
DROP ROLE regress_jwt_session;
DELETE FROM jwt.issuers WHERE issuer = 'https://session.test';
