\i test/tap.psql
-- The door: what is in oauth_http, who may use it, and what an adapter makes of the
-- proxy's headers.  With nginx and PostgREST: test/interop/oauth_http.py.

SELECT no_plan();
SET client_min_messages = warning;
CREATE ROLE http_door;
CREATE ROLE http_passer_by;
SELECT oauth.create_issuer('https://auth.example.com') AS issuer_id \gset
SELECT oauth.create_issuer('https://auth.example.com/other') AS other_id \gset

-- ---------------------------------------------------------------------------
-- What is there

SELECT set_eq(
    $$SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace = 'oauth_http'::regnamespace$$,
    $$SELECT 'oauth_http.' || name || '(bytea)' FROM unnest(string_to_array('authorize,login,consent,logout,account,token,revoke,introspect,userinfo,
        device_authorization,device,jwks,openid_configuration,oauth_authorization_server,oauth_protected_resource,health', ',')) AS n, btrim(n, E' \n') AS name$$,
    'oauth_http has one function for each endpoint');
SELECT is((SELECT count(*) FROM pg_class AS c WHERE c.relnamespace = 'oauth_http'::regnamespace), 0::bigint, '... and no relation');
SELECT set_eq($$SELECT t.typname::text FROM pg_type AS t WHERE t.typnamespace = 'oauth_http'::regnamespace AND t.typelem = 0$$,
    ARRAY['*/*'], '... and no type but the domain');
SELECT is((SELECT count(DISTINCT regexp_replace(pg_get_functiondef(p.oid), '^.*?RETURNS|''[^'']*''', '', 'g'))
           FROM pg_proc AS p WHERE p.pronamespace = 'oauth_http'::regnamespace), 1::bigint, 'they are all alike');
SELECT ok(p.prosecdef AND p.proconfig = '{"search_path=pg_catalog, pg_temp"}' AND p.provolatile = 'v'
          AND p.prorettype = 'oauth_http."*/*"'::regtype AND p.pronargs = 1 AND p.proargnames IS NULL,
          p.proname || ': SECURITY DEFINER, its search_path pinned, VOLATILE, one unnamed argument')
FROM pg_proc AS p WHERE p.pronamespace = 'oauth_http'::regnamespace ORDER BY p.proname COLLATE "C";
SELECT set_eq($$SELECT e.path FROM oauth.endpoints AS e$$,
    $$SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc AS p WHERE p.pronamespace = 'oauth_http'::regnamespace$$,
    'what oauth.handle serves and what is served over HTTP are the same');

-- ---------------------------------------------------------------------------
-- Who may

CREATE FUNCTION pg_temp.may(role name) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_proc AS p
    WHERE p.pronamespace IN ('oauth'::regnamespace, 'oauth_http'::regnamespace)
      AND has_schema_privilege(role, p.pronamespace, 'USAGE') AND has_function_privilege(role, p.oid, 'EXECUTE')
$$;
CREATE FUNCTION pg_temp.reads(role name) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_class AS c
    WHERE c.relnamespace IN ('oauth'::regnamespace, 'jwt'::regnamespace) AND c.relkind IN ('r', 'v', 'm', 'p')
      AND (has_table_privilege(role, c.oid, 'SELECT') OR has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
$$;
SELECT is(pg_temp.may('http_passer_by'), 0::bigint, 'nobody may call anything');
SELECT lives_ok($$SELECT oauth.grant_http('http_door')$$, 'oauth.grant_http');
SELECT is(pg_temp.may('http_door'), 16::bigint, 'the role it names may call the endpoints and nothing else');
SELECT is(pg_temp.may('http_passer_by'), 0::bigint, '... and others nothing');
SELECT is(pg_temp.reads('http_door'), 0::bigint, '... and it reads no table');
SELECT ok(NOT has_schema_privilege('http_door', 'oauth', 'USAGE'), '... and has no part in schema oauth');

SET ROLE http_door;
SELECT throws_ok($$SELECT oauth.handle(NULL)$$, '42501', NULL, 'it cannot go around the adapters');
SELECT throws_ok($$SELECT oauth.grant_http('http_passer_by')$$, '42501', NULL, '... nor let others in');
RESET ROLE;
SET ROLE http_passer_by;
SELECT throws_ok($$SELECT oauth_http.token('')$$, '42501', NULL, 'a passer-by is not let in');
RESET ROLE;

-- ---------------------------------------------------------------------------
-- An adapter

CREATE FUNCTION pg_temp.ask(function text, headers jsonb, body bytea DEFAULT '') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answered bytea;
BEGIN
    PERFORM set_config('request.headers', headers::text, true), set_config('role', 'http_door', true);
    EXECUTE format('SELECT oauth_http.%I($1)', function) INTO answered USING body;
    PERFORM set_config('role', 'none', true);
    RETURN jsonb_build_object('status', current_setting('response.status'), 'headers', current_setting('response.headers')::jsonb,
                              'body', convert_from(answered, 'UTF8'));
END
$$;
\set here '{"x-oauth-issuer": "https://auth.example.com", "x-oauth-method": "GET", "x-oauth-remote-addr": "192.0.2.1"}'

SELECT is(pg_temp.ask('health', :'here'), '{"status": "200", "body": "{\"status\": \"pass\"}",
    "headers": [{"Content-Type": "application/json"}, {"Cache-Control": "no-store"}, {"Pragma": "no-cache"}, {"X-OAuth-Status": "200"}]}', 'an answer');
SELECT ok(answer ->> 'body' = '' AND answer -> 'headers' @> '[{"Content-Type": ""}]', 'an answer without a body has no type, which clients would look at')
FROM pg_temp.ask('account', :'here') AS answer;
SELECT is((pg_temp.ask('openid_configuration', :'here') ->> 'body')::jsonb ->> 'issuer', 'https://auth.example.com', 'the issuer is the proxy''s to say');
SELECT is((pg_temp.ask('openid_configuration', :'here'::jsonb || '{"x-oauth-issuer": "https://auth.example.com/other"}') ->> 'body')::jsonb ->> 'issuer',
    'https://auth.example.com/other', '... of several');
SELECT is(pg_temp.ask('health', h::jsonb) ->> 'status', '404', 'an issuer that is not there: ' || h)
FROM (VALUES ('{"x-oauth-method": "GET"}'), ('{"x-oauth-method": "GET", "x-oauth-issuer": "https://evil.example"}'),
             ('{"x-oauth-method": "GET", "host": "auth.example.com", "issuer": "https://auth.example.com"}')) AS v (h);
SELECT is(pg_temp.ask('token', :'here') ->> 'status', '405', 'the method is the proxy''s to say');

-- What is malformed around the request is an answer too, never an error.
SELECT is(pg_temp.ask('health', :'here'::jsonb || h::jsonb) ->> 'status', '200', 'no harm in ' || h)
FROM (VALUES ('{"x-oauth-remote-addr": "unix:"}'), ('{"x-oauth-remote-addr": ""}'), ('{"x-oauth-client-cert": "%"}'),
             ('{"x-oauth-client-cert": "x=y"}'), ('{"x-oauth-header-": "x"}')) AS v (h);
SELECT is(pg_temp.ask('health', :'here'::jsonb || '{"x-oauth-query": "%"}') ->> 'status', '400', 'a malformed query is refused');
SELECT is(pg_temp.ask('health', :'here'::jsonb || '{"x-oauth-remote-addr": "::::"}') - 'headers',
    '{"status": "500", "body": "{\"error\": \"server_error\", \"error_description\": \"The server met an unexpected condition.\"}"}',
    'an address that is none is our own fault, and tells nothing');
SELECT is(convert_from(oauth_http.token(''), 'UTF8')::jsonb ->> 'error', 'invalid_request', 'without any header from a proxy there is no issuer');

SELECT is(r.headers, '{"authorization": "Basic x", "cookie": "a=b"}', 'headers arrive under the client''s names, ours do not')
FROM oauth.http_request('/token', '', '{"x-oauth-header-authorization": "Basic x", "x-oauth-header-cookie": "a=b", "x-oauth-issuer": "i", "authorization": "Bearer y", "cookie": "evil"}') AS r;
SELECT is(r.client_cert, E'-----BEGIN CERTIFICATE-----\nMI+/=\n-----END CERTIFICATE-----\n', 'a client certificate is decoded')
FROM oauth.http_request('/token', '', '{"x-oauth-client-cert": "-----BEGIN%20CERTIFICATE-----%0AMI%2B%2F%3D%0A-----END%20CERTIFICATE-----%0A"}') AS r;
SELECT is(r.client_cert, NULL, 'none is none') FROM oauth.http_request('/token', '', '{}') AS r;

-- Where a replay, a revocation or a failure would not be seen that others have committed meanwhile, nothing is served.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(pg_temp.ask('health', :'here') ->> 'status', '500', 'nothing is served in a REPEATABLE READ transaction');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT is(pg_temp.ask('health', :'here') ->> 'status', '500', '... nor in a SERIALIZABLE one');
COMMIT;
SELECT is(pg_temp.ask('health', :'here') ->> 'status', '200', '... but in a READ COMMITTED one');

-- A transaction's settings end with it: the next request on the connection has none.
BEGIN;
SELECT pg_temp.ask('login', :'here') -> 'headers' AS headers \gset
SELECT matches(current_setting('response.headers'), 'Set-Cookie', 'a cookie is set');
COMMIT;
SELECT is(coalesce(current_setting('response.headers', true), ''), '', '... and forgotten with its transaction');
SELECT is(coalesce(current_setting('response.status', true), ''), '', '... as is the status');

-- ---------------------------------------------------------------------------
-- /health, and the end of it all

UPDATE jwt.keys SET state = 'retired', retired_at = now() WHERE issuer = 'https://auth.example.com' AND state = 'active';
SELECT is(pg_temp.ask('health', :'here') ->> 'status', '503', 'without a key nothing can be issued');

SELECT lives_ok($$SELECT oauth.revoke_http('http_door')$$, 'oauth.revoke_http');
SELECT is(pg_temp.may('http_door'), 0::bigint, '... takes all back');

DELETE FROM jwt.issuers WHERE issuer LIKE 'https://auth.example.com%';
DROP ROLE http_door, http_passer_by;
SELECT * FROM finish();
