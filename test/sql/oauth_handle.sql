\i test/tap.psql
-- The one entrance: which issuer, which endpoint, which parameters, and what happens
-- when an endpoint fails.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT is(pg_temp.outcome(oauth.handle(ROW(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL, NULL)::oauth.request)), '404 invalid_request', 'no issuer at all');
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read"}', is_default => true) \g /dev/null
SELECT client_secret FROM oauth.create_client('Machine', scopes => '{read}', grant_types => '{client_credentials}', client_id => 'machine') \gset
\set form '{"content-type": "application/x-www-form-urlencoded"}'

-- ---------------------------------------------------------------------------
-- Issuer, endpoint, method; both doors answer alike

CREATE FUNCTION pg_temp.both(issuer text, method text, path text, query text DEFAULT '', headers jsonb DEFAULT '{}', body text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    handled oauth.response := oauth.handle(ROW(issuer, method, path, query, headers, convert_to(body, 'UTF8'), '192.0.2.1', NULL)::oauth.request);
    served oauth.response := oauth.serve(issuer, method, path, query, headers, convert_to(body, 'UTF8'), '192.0.2.1');
BEGIN
    RETURN pg_temp.outcome(handled) || CASE WHEN handled IS DISTINCT FROM served THEN ', but served ' || pg_temp.outcome(served) ELSE '' END;
END
$$;
SELECT is(pg_temp.both(issuer, method, path), expected, format('%s %s of %s', method, path, issuer))
FROM (VALUES
    ('https://auth.example.com', 'GET', '/.well-known/jwks.json', '200'),
    (NULL, 'GET', '/.well-known/jwks.json', '200'),
    ('https://auth.example.com/', 'GET', '/.well-known/jwks.json', '404 invalid_request'),
    ('https://AUTH.example.com', 'GET', '/.well-known/jwks.json', '404 invalid_request'),
    ('', 'GET', '/.well-known/jwks.json', '404 invalid_request'),
    (NULL, 'GET', '/.well-known/jwks.json/', '404 invalid_request'),
    (NULL, 'GET', '/TOKEN', '404 invalid_request'),
    (NULL, 'POST', 'serve_token', '404 invalid_request'),
    (NULL, 'POST', '', '404 invalid_request'),
    (NULL, 'POST', NULL, '404 invalid_request'),
    (NULL, 'GET', '/token', '405 invalid_request'),
    (NULL, 'post', '/token', '405 invalid_request'),
    (NULL, '', '/token', '405 invalid_request'),
    (NULL, NULL, '/token', '405 invalid_request'),
    (NULL, 'POST,GET', '/token', '405 invalid_request')
) AS v (issuer, method, path, expected);
SELECT is(pg_temp.header(oauth.serve(NULL, 'PUT', path, '', '{}', '', NULL), 'allow'), allow, path || ': the methods there are (RFC 9110 15.5.6)')
FROM (VALUES ('/token', 'POST'), ('/login', 'GET, HEAD, POST')) AS v (path, allow);
SELECT is(left(pg_temp.header(oauth.serve(NULL, 'PUT', path, '', '{}', '', NULL), 'content-type'), 9), type, path || ': refused as its callers read it')
FROM (VALUES ('/token', 'applicati'), ('/login', 'text/html')) AS v (path, type);
SELECT is(oauth.handle(NULL), NULL, 'no request, no response');
SELECT is(pg_temp.outcome(oauth.serve(NULL, NULL, NULL, NULL, NULL, NULL, NULL)), '404 invalid_request', 'a request of nothing');
SELECT is(pg_temp.outcome(oauth.serve(NULL, 'GET', '/.well-known/jwks.json', NULL, NULL, NULL, NULL)), '200', '... and one of next to nothing');

UPDATE oauth.issuers SET enabled = false;
SELECT is(pg_temp.both(issuer, 'GET', '/.well-known/jwks.json'), '404 invalid_request', 'disabled: ' || coalesce(issuer, 'the only one')) FROM unnest('{NULL,https://auth.example.com}'::text[]) AS issuer;
UPDATE oauth.issuers SET enabled = true;
SELECT oauth.create_issuer('https://second.example.com') \g /dev/null
SELECT is(pg_temp.both(NULL, 'GET', '/.well-known/jwks.json'), '404 invalid_request', 'of two, none is the only one');
SELECT is(pg_temp.both('https://second.example.com', 'GET', '/.well-known/jwks.json'), '200', '... each by its name');
UPDATE oauth.issuers SET enabled = false WHERE issuer = 'https://second.example.com';
SELECT is(pg_temp.both(NULL, 'GET', '/.well-known/jwks.json'), '200', 'one enabled is the only one');

-- ---------------------------------------------------------------------------
-- Parameters

CREATE FUNCTION pg_temp.why(headers jsonb, body bytea) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.json(oauth.serve(NULL, 'POST', '/token', '', headers, body, NULL)) ->> 'error_description'
$$;
SELECT is(pg_temp.why(headers, 'a=b'), expected, format('a form of %s', headers))
FROM (VALUES
    ('grant_type is missing.', ARRAY[
        '{"content-type": "application/x-www-form-urlencoded"}', '{"content-type": "Application/X-WWW-Form-URLEncoded"}',
        '{"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}', '{"content-type": "application/x-www-form-urlencoded \t; charset=x"}']::jsonb[]),
    ('The parameters are not a well-formed form in UTF-8.', ARRAY[
        '{"content-type": " application/x-www-form-urlencoded"}', '{"content-type": "application/x-www-form-urlencodedx"}', '{"content-type": "application/x-www-form-urlencode"}',
        '{"content-type": "application/json"}', '{"content-type": ""}', '{"content-type": ";"}',
        -- of a gateway that errs
        '{"content-type": null}', '{"content-type": ["application/x-www-form-urlencoded"]}', '{"content-type": {}}', '{"Content-Type": "application/x-www-form-urlencoded"}',
        '["content-type", "application/x-www-form-urlencoded"]', '[1, 2, 3]', '"content-type"', 'null', '{}', NULL]::jsonb[])
) AS v (expected, given), unnest(given) AS headers;
SELECT is(pg_temp.why(headers, body), expected, what)
FROM (VALUES
    ('a body that is no form', '{"content-type": "application/x-www-form-urlencoded"}'::jsonb, '%zz'::bytea, 'The parameters are not a well-formed form in UTF-8.'),
    ('... nor UTF-8', '{"content-type": "application/x-www-form-urlencoded"}', E'a=\\377', 'The parameters are not a well-formed form in UTF-8.'),
    ('... nor its type', '{}', 'grant_type=x', 'The parameters are not a well-formed form in UTF-8.'),
    ('without a body no type is needed', '{}', '', 'grant_type is missing.'),
    ('... nor a body', NULL, NULL, 'grant_type is missing.'),
    ('repeated', '{"content-type": "application/x-www-form-urlencoded"}', 'grant_type=x&grant_type=x', 'A parameter is repeated.'),
    ('... at the end of many', '{"content-type": "application/x-www-form-urlencoded"}', 'resource=a&resource=b&z=1&z=2', 'A parameter is repeated.'),
    ('... after what may be', '{"content-type": "application/x-www-form-urlencoded"}', 'resource=a&resource=b&grant_type=x&grant_type=x', 'A parameter is repeated.'),
    ('... whose name is but longer', '{"content-type": "application/x-www-form-urlencoded"}', 'resources=a&resources=b', 'A parameter is repeated.'),
    ('... what no endpoint knows', '{"content-type": "application/x-www-form-urlencoded"}', 'grant_type=x&unknown=1&unknown=2', 'A parameter is repeated.'),
    ('... but resources and audiences (RFC 8707 2)', '{"content-type": "application/x-www-form-urlencoded"}', 'resource=a&resource=b&audience=a&audience=b', 'grant_type is missing.'),
    ('... and what has no value (RFC 6749 3.1)', '{"content-type": "application/x-www-form-urlencoded"}', 'scope=&scope=', 'grant_type is missing.')
) AS v (what, headers, body, expected);
SELECT is(pg_temp.both(NULL, method, '/.well-known/jwks.json', query, '{}', 'a=1&a=2'), expected, format('%s %s: the query, not the body', method, query))
FROM (VALUES ('GET', 'a=b', '200'), ('HEAD', 'a=b', '200'), ('GET', NULL, '200'), ('GET', '%zz', '400 invalid_request'), ('HEAD', 'a=1&a=2', '400 invalid_request')) AS v (method, query, expected);

-- Patterns in PL/pgSQL would lose their backslashes (19 has no such setting any more).
CREATE FUNCTION pg_temp.without_backslashes() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL standard_conforming_strings = off;
    RETURN (oauth.serve(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL)).status;
EXCEPTION
    WHEN invalid_parameter_value OR feature_not_supported THEN
        RETURN '500';
END
$$;
SELECT is(pg_temp.without_backslashes(), '500', 'nothing is served without standard_conforming_strings');
SET LOCAL standard_conforming_strings = on;

-- ---------------------------------------------------------------------------
-- What an endpoint did not foresee

SELECT is(pg_temp.outcome(oauth.serve(NULL, 'POST', '/token', '', pg_temp.basic('machine', :'client_secret') || :'form'::jsonb, 'grant_type=client_credentials', '192.0.2.1')), '200', 'an endpoint');
CREATE FUNCTION public.fail_for_test(subject text, client_id text, scopes text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO oauth.audit (issuer_id, event) SELECT issuer_id, 'half done' FROM oauth.issuers;
    RAISE 'a secret' USING ERRCODE = current_setting('test.failure');
END
$$;
UPDATE oauth.issuers SET claims_function = 'public.fail_for_test' WHERE issuer_id = :issuer_id;
CREATE FUNCTION pg_temp.failing(sqlstate text) RETURNS oauth.response LANGUAGE sql AS $$
    SELECT set_config('test.failure', sqlstate, true);
    SELECT oauth.serve(NULL, 'POST', '/token', '', current_setting('test.headers')::jsonb, 'grant_type=client_credentials', '192.0.2.1');
$$;
SELECT set_config('test.headers', (pg_temp.basic('machine', :'client_secret') || :'form'::jsonb)::text, true) \g /dev/null
-- in which the server's log names each line's SQLSTATE too
SET LOCAL log_error_verbosity = verbose;
SELECT is(pg_temp.outcome(pg_temp.failing(state)), '500 server_error', 'fails with ' || state) FROM unnest('{22012,P0001,40001,XX000,JW001,53200}'::text[]) AS state;
SELECT is((SELECT array_agg(detail ->> 'sqlstate' ORDER BY audit_id) FROM oauth.audit WHERE event = 'server_error' AND detail ->> 'path' = '/token' AND remote_addr = '192.0.2.1'), '{22012,P0001,40001,XX000,JW001,53200}', '... each written down');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'half done'), 0::bigint, '... and what it had done is undone');
SELECT unalike(convert_from((pg_temp.failing('22012')).body, 'UTF8'), '%a secret%', '... telling nothing');
-- but a cancelled statement and a failed assertion go through, as PL/pgSQL lets them
SAVEPOINT before_failure;
SELECT pg_temp.failing('57014');
ROLLBACK TO before_failure;
SELECT pg_temp.failing('P0004');
ROLLBACK TO before_failure;
SELECT is(pg_temp.outcome(oauth.serve(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL)), '200', '... and the next request is served');

UPDATE oauth.endpoints SET function = 'serve_nothing' WHERE path = '/revoke';
SELECT is(pg_temp.outcome(oauth.serve(NULL, 'POST', '/revoke', '', '{}', '', NULL)), '500 server_error', 'an endpoint without its function');
SELECT is((SELECT detail FROM oauth.audit WHERE event = 'server_error' ORDER BY audit_id DESC LIMIT 1), '{"path": "/revoke", "sqlstate": "42883"}', '... is our error too');

-- What the same statement has just done is seen, as what others commit while it runs.
SELECT is(pg_temp.outcome(served), '200', 'a resource made a moment ago')
FROM oauth.create_resource('https://api.example.com/new', 'New', '{}', issuer => 'https://auth.example.com') AS made,
     oauth.serve(NULL, 'GET', '/.well-known/oauth-protected-resource', 'resource=https://api.example.com/new' || left(made::text, 0), '{}', '', NULL) AS served;

-- ---------------------------------------------------------------------------
-- Columns that an operator adds, whatever their names

UPDATE oauth.issuers SET claims_function = NULL;
ALTER TABLE oauth.issuers ADD COLUMN i text, ADD COLUMN dropped text, ADD COLUMN issuers text;
ALTER TABLE oauth.issuers DROP COLUMN dropped;
UPDATE oauth.issuers SET i = repeat('i', 3000);
ALTER TABLE oauth.clients ADD COLUMN c text, ADD COLUMN client text;
SELECT is(pg_temp.outcome(oauth.serve(issuer, 'POST', '/token', '', current_setting('test.headers')::jsonb, 'grant_type=client_credentials', '192.0.2.1')), '200', 'a token of ' || coalesce(issuer, 'the only issuer'))
FROM unnest('{NULL,https://auth.example.com}'::text[]) AS issuer;

-- A member that a request has in a later version: the gateway's door does not fill it in by chance.
SAVEPOINT before_attribute;
ALTER TYPE oauth.request ADD ATTRIBUTE later text;
SELECT is(pg_temp.outcome(oauth.handle(ROW(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL, NULL, 'later')::oauth.request)), '200', 'a request of nine members');
SELECT throws_ok($$ SELECT oauth.serve(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL) $$, 'oauth.request has not the members it had');
ROLLBACK TO before_attribute;

-- ---------------------------------------------------------------------------
-- A gateway's role

CREATE ROLE regress_oauth_gateway;
SAVEPOINT before_grant;
SET ROLE regress_oauth_gateway;
SELECT oauth.serve(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL);
ROLLBACK TO before_grant;
GRANT USAGE ON SCHEMA oauth TO regress_oauth_gateway;
GRANT EXECUTE ON FUNCTION oauth.serve TO regress_oauth_gateway;
SET ROLE regress_oauth_gateway;
SELECT (oauth.serve(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL)).status;
RESET ROLE;
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'oauth'::regnamespace AND p.proname <> 'serve' AND has_function_privilege('regress_oauth_gateway', p.oid, 'EXECUTE') $$, 'it may call nothing else');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind IN ('r', 'v') AND has_table_privilege('regress_oauth_gateway', c.oid, 'SELECT, INSERT, UPDATE, DELETE') $$, '... and read nothing');

SELECT finish();
ROLLBACK;

-- Whoever's search_path it is: see checklist_jwt.sql.  The extension made anew in one session:
BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://first.example.com') \g /dev/null
SET LOCAL client_min_messages = warning;
SELECT is(pg_temp.outcome(oauth.serve(NULL, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL)), '200', 'before');
DROP EXTENSION oauth_jwt CASCADE;
CREATE EXTENSION oauth_jwt;
SELECT oauth.create_issuer('https://later.example.com') \g /dev/null
SELECT is((oauth.serve(issuer, 'GET', '/.well-known/jwks.json', '', '{}', '', NULL)).status, status, 'after, ' || issuer) FROM (VALUES ('https://first.example.com', 404), ('https://later.example.com', 200)) AS v (issuer, status);
SELECT finish();
ROLLBACK;
