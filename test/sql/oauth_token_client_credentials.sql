\i test/tap.psql
-- The client credentials grant (RFC 6749 4.4).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read", "write": "Write"}') \g /dev/null
SELECT oauth.create_resource('https://other.example.com', 'Other', '{"admin": "Administer"}', is_default => true) \g /dev/null
SELECT client_secret FROM oauth.create_client('Machine', scopes => '{openid,profile,offline_access,read,write}', grant_types => '{client_credentials,refresh_token}', client_id => 'machine') \gset
SELECT client_secret AS web_secret FROM oauth.create_client('Web', '{https://app.example.com/cb}', client_id => 'web') \gset

CREATE FUNCTION pg_temp.ask(secret text, more text DEFAULT '', client_id text DEFAULT 'machine') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', 'grant_type=client_credentials' || more, pg_temp.basic(client_id, secret))
$$;

SELECT r AS response, pg_temp.json(r) AS tokens FROM pg_temp.ask(:'client_secret') AS r \gset
SELECT is(:'tokens'::jsonb - 'access_token', '{"token_type": "Bearer", "expires_in": 600, "scope": "read write"}', 'a token: no refresh token, no ID token, the client''s scopes but for a user''s');
SELECT is(pg_temp.access(:'response') - '{iat,exp,jti}'::text[], '{"iss": "https://auth.example.com", "sub": "machine", "client_id": "machine", "aud": "https://other.example.com", "scope": "read write"}',
          '... for the client itself, for the default resource (RFC 9068 2.2)');
SELECT is(pg_temp.header(:'response', 'cache-control'), 'no-store', '... not to be stored');
SELECT is((SELECT array_agg(event || detail::text) FROM oauth.audit WHERE event ~ 'token'), '{"token_issued{\"grant_type\": \"client_credentials\"}"}', '... with one line in the audit trail');
SELECT isnt(pg_temp.access(pg_temp.ask(:'client_secret')) ->> 'jti', pg_temp.access(:'response') ->> 'jti', '... each with a jti of its own');

SELECT is(pg_temp.json(pg_temp.ask(:'client_secret', '&scope=read')) ->> 'scope', 'read', 'one scope');
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', '&scope=' || s)), '400 invalid_scope', 'scope: ' || s)
FROM unnest(ARRAY['openid', 'profile', 'offline_access', 'read%20openid', 'admin', 'READ', 'nothing', 'read%20%20write', '%C3%A9', 'a%22b']) AS s;
SELECT is(pg_temp.outcome(pg_temp.ask(:'web_secret', '', 'web')), '400 unauthorized_client', 'a client that may not');
SELECT is(pg_temp.outcome(pg_temp.post('/token', 'grant_type=client_credentials&client_id=machine')), '401 invalid_client', 'who does not authenticate');
SELECT throws_ok($$UPDATE oauth.clients SET grant_types = '{client_credentials}', token_endpoint_auth_method = 'none'$$, '23514', NULL, 'a public client is never allowed to');
-- ... and if a row ever said so
ALTER TABLE oauth.clients DROP CONSTRAINT clients_check1;
SELECT oauth.create_client('Public', grant_types => '{client_credentials}', client_id => 'public', token_endpoint_auth_method => 'none') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.post('/token', 'grant_type=client_credentials&client_id=public')), '400 unauthorized_client', '... nor served');

-- RFC 8707
SELECT is(pg_temp.access(pg_temp.ask(:'client_secret', '&resource=https%3A%2F%2Fapi.example.com')) ->> 'aud', 'https://api.example.com', 'a resource');
SELECT is(pg_temp.access(pg_temp.ask(:'client_secret', '&resource=https%3A%2F%2Fapi.example.com&resource=https%3A%2F%2Fother.example.com')) -> 'aud', '["https://api.example.com", "https://other.example.com"]', 'two of them');
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', '&resource=' || oauth.form_encode(r))), '400 invalid_target', 'resource: ' || r)
FROM unnest(ARRAY['https://nobody.example', 'https://api.example.com/', 'https://api.example.com#x', 'api', '/api']) AS r;
UPDATE oauth.clients SET resources = '{https://api.example.com,https://other.example.com}' WHERE client_id = 'machine';
SELECT is(pg_temp.access(pg_temp.ask(:'client_secret')) ->> 'aud', 'https://other.example.com', 'who may have the default resource, and asks for none, gets that alone');
UPDATE oauth.clients SET resources = '{https://api.example.com}' WHERE client_id = 'machine';
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', '&resource=https%3A%2F%2Fother.example.com')), '400 invalid_target', 'a resource that is not the client''s');
SELECT is(pg_temp.access(pg_temp.ask(:'client_secret')) ->> 'aud', 'https://api.example.com', '... which it does not get by asking for none');

-- A claims function that returns more and more: the operator hears by which claim (its
-- name, not what it holds), and what no verifier would take is not issued.
CREATE SCHEMA app;
CREATE FUNCTION app.groups(subject text, client_id text, scopes text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('role', 'x', 'groups', (SELECT array_agg(repeat('g', 100)) FROM generate_series(1, current_setting('test.groups')::integer)))
$$;
SELECT oauth.set_claims_function('app.groups(text, text, text[])');
SET LOCAL test.groups = 20;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '200', 'two kilobytes of claims');
SET LOCAL test.groups = 40;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '200', 'four: with a warning');
SET LOCAL test.groups = 1000;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '500 server_error', 'a hundred: no token');
SELECT is((SELECT array_agg(detail) FROM oauth.audit WHERE event = 'server_error'), ARRAY['{"path": "/token", "sqlstate": "JW005"}'::jsonb], '... and a line in the audit trail');
DELETE FROM oauth.audit WHERE event = 'server_error';

-- ... or something that holds no claims: kept with an opaque token, it would make it worth nothing.
CREATE FUNCTION app.other(subject text, client_id text, scopes text[]) RETURNS jsonb LANGUAGE sql AS $$SELECT current_setting('test.other')::jsonb$$;
SELECT oauth.set_claims_function('app.other(text, text, text[])');
CREATE FUNCTION pg_temp.told(secret text, claims text) RETURNS text LANGUAGE sql AS $$SELECT set_config('test.other', claims, true); SELECT pg_temp.outcome(pg_temp.ask(secret))$$;
UPDATE oauth.resources SET access_token_format = 'opaque' WHERE resource = 'https://api.example.com';
SELECT is(pg_temp.told(:'client_secret', claims), outcome, 'claims that are ' || claims)
FROM (VALUES ('{}', '200'), ('[]', '500 server_error'), ('["sub"]', '500 server_error'), ('"sub"', '500 server_error'), ('null', '500 server_error')) AS v (claims, outcome);
SELECT is((SELECT array_agg(DISTINCT detail) FROM oauth.audit WHERE event = 'server_error'), ARRAY['{"path": "/token", "sqlstate": "22023"}'::jsonb], '... and a line in the audit trail');
DELETE FROM oauth.audit WHERE event = 'server_error';
UPDATE oauth.resources SET access_token_format = 'jwt' WHERE resource = 'https://api.example.com';
SELECT oauth.set_claims_function(NULL);

-- Functions that an operator has made in our schema, of the names of ours that C calls:
-- each of ours is still found.  One of them is the claims_function.
SAVEPOINT before_overloads;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{refuse,refuse_client,record_failure,grant_client_credentials,scopes_at}'::text[] LOOP
        EXECUTE format('CREATE FUNCTION oauth.%I(text) RETURNS text LANGUAGE sql RETURN $1', name);
    END LOOP;
END
$$;
CREATE FUNCTION oauth.custom_claims(subject text, client_id text, scopes text[]) RETURNS jsonb LANGUAGE sql RETURN '{"role": "x"}'::jsonb;
SELECT oauth.set_claims_function('oauth.custom_claims(text, text, text[])');
SELECT is(pg_temp.access(pg_temp.ask(:'client_secret')) ->> 'role', 'x', 'beside an operator''s functions of the same names: a token');
SELECT is(pg_temp.outcome(pg_temp.ask('wrong')), '401 invalid_client', '... a client refused');
SELECT is(pg_temp.outcome(pg_temp.post('/nowhere')), '404 invalid_request', '... a request refused');
UPDATE oauth.issuers SET claims_function = 'public.nowhere';
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '500 server_error', '... an error of ours recorded');
ROLLBACK TO before_overloads;

-- Columns that an operator has made another type of: an error, where one read as an
-- address would end every session, and one read as a hash might be anything.
SAVEPOINT before_types;
ALTER TABLE oauth.resources DROP CONSTRAINT resources_access_token_lifetime_check, ALTER COLUMN access_token_lifetime TYPE integer USING 600;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '500 server_error', 'a resource''s lifetime that is a number');
ROLLBACK TO before_types;
ALTER TABLE oauth.client_secrets ALTER COLUMN secret_hash TYPE boolean USING true;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '500 server_error', 'a secret''s hash that is a boolean');
ROLLBACK TO before_types;

-- A row that names a function of other arguments: an error too.
UPDATE oauth.grant_types SET function = 'issue_tokens' WHERE grant_type = 'client_credentials';
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret')), '500 server_error', 'a grant type with another function');
SELECT is((SELECT detail FROM oauth.audit WHERE event = 'server_error' ORDER BY audit_id DESC LIMIT 1), '{"path": "/token", "sqlstate": "42883"}', '... is our error');
ROLLBACK TO before_types;

-- Rows as no table has them: an error, where a pointer to nothing would end every session.
SELECT throws_ok(format($$SELECT oauth.issue_access_token(jsonb_populate_record(i, %L), jsonb_populate_record(c, %L), NULL, '{}', NULL) FROM oauth.issuers AS i, oauth.clients AS c WHERE c.client_id = 'machine'$$, issuer, client),
    '22004', name || ' must not be null', 'a row without ' || name)
FROM (VALUES
    ('issuer_id', '{"issuer_id": null}', '{}'), ('issuer', '{"issuer": null, "default_resource": null}', '{}'), ('issuer', '{"issuer": null}', '{}'),
    ('access_token_lifetime', '{"access_token_lifetime": null}', '{}'), ('client_id', '{}', '{"client_id": null}')) AS v (name, issuer, client);

-- An operator for whom a day is too short drops the check.  A token without exp would be
-- good for ever, and one whose exp has overflowed too.
ALTER TABLE oauth.issuers DROP CONSTRAINT issuers_access_token_lifetime_check;
CREATE FUNCTION pg_temp.lives(secret text, lifetime interval) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    response oauth.response;
BEGIN
    UPDATE oauth.issuers SET access_token_lifetime = lifetime;
    response := pg_temp.ask(secret);
    RETURN concat_ws(' ', pg_temp.outcome(response), pg_temp.json(response) ->> 'expires_in');
END
$$;
SELECT is(pg_temp.lives(:'client_secret', lifetime::interval), outcome, 'a lifetime of ' || lifetime)
FROM (VALUES
    ('30 days', '200 2592000'), ('1.9 seconds', '200 1'), ('0', '500 server_error'), ('-1 microsecond', '500 server_error'), ('-1 hour', '500 server_error'),
    ('99 years', '500 server_error'), ('101 years', '500 server_error'), ('170000000 years', '500 server_error')) AS v (lifetime, outcome);
SELECT is((SELECT array_agg(DISTINCT detail ->> 'sqlstate') FROM oauth.audit WHERE event = 'server_error'), '{22003,22023}', '... each with a line in the audit trail');
DELETE FROM oauth.audit WHERE event = 'server_error';
UPDATE oauth.issuers SET access_token_lifetime = DEFAULT;

UPDATE oauth.resources SET access_token_format = 'opaque', access_token_lifetime = '1 minute' WHERE resource = 'https://api.example.com';
SELECT pg_temp.json(pg_temp.ask(:'client_secret')) AS tokens \gset
SELECT matches(:'tokens'::jsonb ->> 'access_token', '^[A-Za-z0-9_-]{43}$', 'an opaque token where the resource wants it');
SELECT is(:'tokens'::jsonb ->> 'expires_in', '60', '... for as long as it says');
UPDATE oauth.clients SET scopes = '{}' WHERE client_id = 'machine';
SELECT is(pg_temp.json(pg_temp.ask(:'client_secret')) ? 'scope', false, 'a client without scopes gets none');
UPDATE oauth.clients SET scopes = '{""}', resources = '{https://other.example.com}' WHERE client_id = 'machine';
SELECT is(pg_temp.access(pg_temp.ask(:'client_secret')) ? 'scope', false, '... nor one whose only scope is empty');
SELECT is((SELECT count(*) FROM oauth.refresh_tokens) + (SELECT count(*) FROM oauth.token_families), 0::bigint, 'no family, no refresh token');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT * FROM finish();
ROLLBACK;
