\i test/tap.psql
-- What is promised of the database and tested nowhere else: how a session ends
-- with each kind of end that a transaction has, and that nobody's search_path
-- reaches into a function of ours.

SELECT no_plan();
SELECT jwt.create_issuer('https://checklist.test') AS kid \gset
CREATE SCHEMA checklist;
CREATE TABLE checklist.tokens AS
SELECT name, jwt.issue(jsonb_build_object('sub', name), 'https://checklist.test') AS token FROM unnest('{alice,bob}'::text[]) AS name;
CREATE FUNCTION checklist.become(somebody text, is_local boolean DEFAULT true) RETURNS text LANGUAGE sql
RETURN (SELECT jwt.set_session(token, is_local) ->> 'sub' FROM checklist.tokens WHERE name = somebody);

-- ---------------------------------------------------------------------------
-- The attack: the next transaction of a connection is another user's.  It
-- begins at once with COMMIT AND CHAIN, or within a procedure.

BEGIN;
SELECT is(checklist.become('alice'), 'alice', 'a session');
COMMIT AND CHAIN;
SELECT is(jwt.subject(), NULL, '... is gone after COMMIT AND CHAIN');
SELECT checklist.become('alice') \g /dev/null
ROLLBACK AND CHAIN;
SELECT is(jwt.subject(), NULL, '... and after ROLLBACK AND CHAIN');
COMMIT;

CREATE PROCEDURE checklist.in_turn(INOUT seen text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM checklist.become('alice');
    seen := concat_ws(' ', seen, jwt.subject());
    COMMIT;
    seen := concat_ws(' ', seen, coalesce(jwt.subject(), 'none'));
    PERFORM checklist.become('bob');
    seen := concat_ws(' ', seen, jwt.subject());
    ROLLBACK;
    seen := concat_ws(' ', seen, coalesce(jwt.subject(), 'none'));
END
$$;
CALL checklist.in_turn('') \gset
SELECT is(trim(:'seen'), 'alice none bob none', 'COMMIT and ROLLBACK in a procedure end it');
SELECT is(jwt.subject(), NULL, '... and leave none behind');
SELECT checklist.become('bob', false) \g /dev/null
CALL checklist.in_turn('') \gset
SELECT is(trim(:'seen'), 'alice bob bob bob', 'one that lasts is back after each');
SELECT jwt.clear_session() \g /dev/null

-- What is left to do at COMMIT is done as whoever the session is.
CREATE TABLE checklist.written (by text, step text);
CREATE FUNCTION checklist.write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE checklist.written SET by = coalesce(jwt.subject(), 'none');
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON checklist.written DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION checklist.write();
BEGIN;
INSERT INTO checklist.written VALUES (NULL, 'before');
SELECT checklist.become('alice') \g /dev/null
COMMIT;
SELECT is(by, 'alice', 'a deferred trigger has the session of its transaction') FROM checklist.written;

-- ---------------------------------------------------------------------------
-- The attack: functions, operators and tables in front of everything that a
-- function of ours may name.  Each function of pg_catalog that takes and gives
-- ordinary types has a double, and so has each operator; who calls one of them
-- springs the trap.  Temporary tables have the names of ours.

CREATE ROLE regress_jwt_trapper;
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap, checklist TO regress_jwt_trapper;
GRANT SELECT ON checklist.tokens TO regress_jwt_trapper;
CREATE SEQUENCE trap.sprung;
GRANT ALL ON SEQUENCE trap.sprung TO PUBLIC;
CREATE TABLE checklist.ordinary AS
SELECT unnest('{text,text[],bytea,boolean,integer,bigint,smallint,oid,name,jsonb,json,uuid,interval,timestamptz,inet,"char",numeric,double precision}'::regtype[]) AS type;

SELECT format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_catalog.nextval(''trap.sprung''::pg_catalog.regclass); RETURN NULL; END $f$',
              proname, pg_get_function_identity_arguments(oid), prorettype::regtype)
FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset AND provariadic = 0 AND proargmodes IS NULL
  AND prorettype IN (SELECT type FROM checklist.ordinary)
  AND NOT EXISTS (SELECT FROM unnest(proargtypes) AS a WHERE a NOT IN (SELECT type FROM checklist.ordinary))
\gexec
SELECT format('CREATE FUNCTION trap.operator_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_catalog.nextval(''trap.sprung''::pg_catalog.regclass); RETURN NULL; END $f$',
              oid, oprleft::regtype, oprright::regtype, oprresult::regtype),
       format('CREATE OPERATOR trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = trap.operator_%s)', oprname, oprleft::regtype, oprright::regtype, oid)
FROM pg_operator
WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprresult IN (SELECT type FROM checklist.ordinary)
  AND oprleft IN (SELECT type FROM checklist.ordinary) AND oprright IN (SELECT type FROM checklist.ordinary)
\gexec
SELECT DISTINCT format('CREATE TEMP TABLE %I (issuer text, kid text, state text, enabled boolean, id bigint)', relname),
       format('GRANT ALL ON pg_temp.%I TO PUBLIC', relname)
FROM pg_class WHERE relnamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace) AND relkind IN ('r', 'v', 'p')
\gexec

SELECT cmp_ok(count(*), '>', 500::bigint, 'many functions have their double') FROM pg_proc WHERE pronamespace = 'trap'::regnamespace AND proname NOT LIKE 'operator%';
SELECT cmp_ok(count(*), '>', 200::bigint, '... and operators') FROM pg_operator WHERE oprnamespace = 'trap'::regnamespace;

-- How often a statement springs it, as somebody, and what it answers.
CREATE FUNCTION checklist.sprung(somebody name, statement text, OUT times bigint, OUT answer text) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before bigint := nextval('trap.sprung');
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', somebody);
    PERFORM pg_catalog.set_config('search_path', 'trap, pg_temp, jwt, oauth, pg_catalog', true);
    BEGIN
        EXECUTE statement INTO answer;
    EXCEPTION WHEN OTHERS THEN
        answer := SQLSTATE || ' ' || SQLERRM;
    END;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    RESET ROLE;
    times := nextval('trap.sprung') - before - 1;
END
$$;

SELECT is(times, 1::bigint, 'the trap works: ' || statement)
FROM unnest(ARRAY['SELECT lower(''A''::text)', 'SELECT ''a''::text = ''a''::text', 'SELECT ''{}''::jsonb -> ''a''::text', 'SELECT now()', 'SELECT jsonb_typeof(''{}''::jsonb)', 'SELECT current_setting(''role''::text, true)']) AS statement,
    LATERAL checklist.sprung('regress_jwt_trapper', statement);

-- Every SECURITY DEFINER function, as somebody who may call it, with what an
-- honest caller gets.
SELECT oauth.create_issuer('https://as.checklist.test') AS as_id \gset
SELECT oauth.create_resource('https://api.checklist.test', 'API', '{"read": "Read"}', is_default => true) \g /dev/null
SELECT client_id || ':' || client_secret AS credentials FROM oauth.create_client('Machine', grant_types => '{client_credentials}', scopes => '{read}', client_id => 'machine') \gset
SELECT oauth.grant_http('regress_jwt_trapper') \g /dev/null
GRANT USAGE ON SCHEMA oauth TO regress_jwt_trapper;
GRANT EXECUTE ON FUNCTION oauth.serve TO regress_jwt_trapper;
CREATE FUNCTION checklist.over_http(function regproc, method text, credentials text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT status FROM (SELECT pg_catalog.set_config(''request.headers'', %L, true), %s(pg_catalog.convert_to(%L, ''UTF8'')), pg_catalog.current_setting(''response.status'') AS status OFFSET 0) AS answered',
        jsonb_build_object('x-oauth-issuer', 'https://as.checklist.test', 'x-oauth-method', method, 'x-oauth-remote-addr', '192.0.2.1', 'x-oauth-query', CASE method WHEN 'GET' THEN 'client_id=machine&scope=read' ELSE '' END,
            'x-oauth-header-content-type', 'application/x-www-form-urlencoded', 'x-oauth-header-authorization', 'Basic ' || encode(credentials::bytea, 'base64'), 'x-oauth-header-cookie', 'a=b', 'x-oauth-header-accept-language', 'de'),
        function, 'grant_type=client_credentials&token=t&username=u&password=p&code=c&csrf=c&user_code=BCDFGHJK')
$$;
CREATE TABLE checklist.call AS
SELECT p.oid::regprocedure::text AS name, method, checklist.over_http(p.oid, method, :'credentials') AS statement
FROM pg_proc AS p, unnest('{GET,POST}'::text[]) AS method
WHERE p.prosecdef AND p.pronamespace = 'oauth_http'::regnamespace
UNION ALL
SELECT p.oid::regprocedure::text, e.method,
    format('SELECT status FROM oauth.serve(%L, %L, %L, '''', %L, pg_catalog.convert_to(%L, ''UTF8''), ''192.0.2.1'')', 'https://as.checklist.test', e.method, e.path,
        jsonb_build_object('content-type', 'application/x-www-form-urlencoded', 'authorization', 'Basic ' || encode(:'credentials'::bytea, 'base64')), 'grant_type=client_credentials')
FROM pg_proc AS p, (VALUES ('POST', '/token'), ('GET', '/authorize'), ('PUT', '/token'), ('GET', '/none')) AS e (method, path)
WHERE p.oid = 'oauth.serve'::regproc
UNION ALL VALUES
    ('oauth.serve(text,text,text,text,jsonb,bytea,inet)', 'of the only issuer', 'SELECT status FROM oauth.serve(NULL, ''GET'', ''/.well-known/jwks.json'', '''', ''{}'', NULL, NULL)'),
    ('jwt.jwks(text)', 'SELECT', 'SELECT jwt.jwks(''https://checklist.test'')');
SELECT set_eq('SELECT name FROM checklist.call',
              $$SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.prosecdef AND p.pronamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace, 'oauth_http'::regnamespace)$$,
              'every SECURITY DEFINER function is called');
GRANT SELECT ON checklist.call TO regress_jwt_trapper;
CREATE FUNCTION checklist.honestly(statement text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer text;
BEGIN
    SET LOCAL ROLE regress_jwt_trapper;
    EXECUTE statement INTO answer;
    RESET ROLE;
    RETURN answer;
END
$$;
SELECT is(format('%s times, %s', s.times, s.answer), '0 times, ' || checklist.honestly(statement), format('%s, %s: no way in', name, method))
FROM checklist.call, LATERAL checklist.sprung('regress_jwt_trapper', statement) AS s ORDER BY name COLLATE "C", method;
SELECT is(string_agg(DISTINCT name, ', '), NULL, 'none of them fails') FROM checklist.call WHERE checklist.honestly(statement) LIKE '5%';
SELECT is(checklist.honestly(statement), '200', 'and a token is issued') FROM checklist.call WHERE name = 'oauth_http.token(bytea)' AND method = 'POST';

-- What runs with its caller's rights, as a superuser whose search_path somebody
-- has set: whoever keeps keys, and whoever is logged in.
SELECT is(format('%s times, %s', s.times, left(s.answer, length(want))), '0 times, ' || want, 'a superuser: ' || statement)
FROM (VALUES
    ('SELECT jwt.create_issuer(''https://trap.checklist.test'') IS NOT NULL', 'true'),
    ('SELECT jwt.rotate_key(''https://trap.checklist.test'') IS NOT NULL', 'true'),
    ('SELECT jwt.import_key(''https://trap.checklist.test'', ''a secret of more than thirty-two bytes'', kid => ''k'')', 'k'),
    ('SELECT jwt.trust_issuer(''https://foreign.checklist.test'', secret => ''a secret of more than thirty-two bytes'') IS NULL', 'false'),
    ('SELECT jwt.trust_issuer(''https://foreign.checklist.test'', jwks => ''{"keys": []}'') IS NULL', 'false'),
    ('SELECT jwt.revoke_key(''https://trap.checklist.test'', ''k'')', 'true'),
    ('SELECT jwt.reseal_keys() IS NOT NULL', 'true'),
    ('SELECT jwt.trust_document() IS NOT NULL', 'true'),
    ('SELECT jwt.issue(''{}'', ''https://trap.checklist.test'') IS NOT NULL', 'true'),
    ('UPDATE jwt.keys SET state = ''retired'' WHERE state OPERATOR(pg_catalog.=) ''active'' AND issuer OPERATOR(pg_catalog.=) ''https://trap.checklist.test'' RETURNING state', 'retired'),
    ('INSERT INTO jwt.issuers (issuer) VALUES (''https://hand.checklist.test'') RETURNING issuer', 'https://hand'),
    ('UPDATE jwt.issuers SET enabled = true WHERE issuer OPERATOR(pg_catalog.=) ''https://hand.checklist.test'' RETURNING issuer', 'https://hand'),
    ('DELETE FROM jwt.issuers WHERE issuer OPERATOR(pg_catalog.=) ''https://hand.checklist.test'' RETURNING issuer', 'https://hand')
) AS c (statement, want), LATERAL checklist.sprung(current_user, statement) AS s;
SELECT is(format('%s times, %s', s.times, s.answer), '0 times, ' || want, 'a user: ' || statement)
FROM (VALUES
    ('SELECT jwt.set_session(token) IS NOT NULL FROM checklist.tokens WHERE name OPERATOR(pg_catalog.=) ''alice''', 'true'),
    ('SELECT (jwt.check(token)).valid FROM checklist.tokens WHERE name OPERATOR(pg_catalog.=) ''alice''', 'true'),
    ('SELECT jwt.subject() FROM checklist.tokens, jwt.set_session(token) WHERE name OPERATOR(pg_catalog.=) ''alice''', 'alice'),
    ('SELECT jwt.clear_session() IS NOT NULL', 'true')
) AS c (statement, want), LATERAL checklist.sprung('regress_jwt_trapper', statement) AS s;

SELECT * FROM finish();
SET client_min_messages = warning;
DROP SCHEMA trap, checklist CASCADE;
SELECT oauth.revoke_http('regress_jwt_trapper') \g /dev/null
DROP OWNED BY regress_jwt_trapper;
DROP ROLE regress_jwt_trapper;
DELETE FROM jwt.issuers WHERE issuer LIKE 'https://%checklist.test';
