\i test/tap.psql
-- Tokens for the resource that is asked for (RFC 8707).  The attacker is one API, and
-- sends the token on to another one, which looks at scopes more closely than at aud.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice', 'x') AS alice \gset
SELECT oauth.create_resource('https://notes.example.com', 'Notes', '{"notes:read": "Read notes", "notes:write": "Write notes"}', is_default => true),
       oauth.create_resource('https://files.example.com', 'Files', '{"files:read": "Read files"}'),
       oauth.create_resource('https://mail.example.com', 'Mail'),
       oauth.create_scope('beta', 'Try what is new') \g /dev/null
SELECT FROM oauth.create_client('App', '{https://app.example.com/cb}', '{openid,offline_access,beta,notes:read,notes:write,files:read}', client_id => 'app',
    grant_types => '{authorization_code,refresh_token,implicit,password}', response_types => '{code,token}', token_endpoint_auth_method => 'none', require_consent => false);
SELECT client_secret AS secret FROM oauth.create_client('Machine', scopes => '{beta,notes:read,files:read}', client_id => 'machine', grant_types => '{client_credentials}') \gset
\set all 'openid offline_access beta notes:read notes:write files:read'

-- What the client is told, which is what the token says; and what the token is for.
CREATE FUNCTION pg_temp.narrowed(response oauth.response) RETURNS text
LANGUAGE sql AS $$
    SELECT concat(pg_temp.json(response) ->> 'scope', ' at ', pg_temp.access(response) ->> 'aud',
        CASE WHEN coalesce(pg_temp.access(response) ->> 'scope', '') IS DISTINCT FROM pg_temp.json(response) ->> 'scope' THEN ', which the token does not say' END)
$$;
CREATE FUNCTION pg_temp.refresh(token text, VARIADIC besides text[]) RETURNS oauth.response
LANGUAGE sql AS $$SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', 'app', 'refresh_token', token) || '&' || oauth.form_of(VARIADIC besides))$$;
CREATE FUNCTION pg_temp.redeem(resources text[], VARIADIC besides text[]) RETURNS oauth.response
LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'authorization_code', 'client_id', 'app', 'redirect_uri', 'https://app.example.com/cb',
        'code', pg_temp.new_code(pg_temp.new_family('app', u.subject, 'openid offline_access beta notes:read notes:write files:read', resources)),
        'code_verifier', 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk') || '&' || oauth.form_of(VARIADIC besides))
    FROM oauth.users AS u
$$;
\set both '{https://notes.example.com,https://files.example.com}'
\set notes https://notes.example.com
\set files https://files.example.com
\set mail https://mail.example.com

SELECT is(pg_temp.narrowed(pg_temp.redeem(:'both', 'resource', :'files')), 'openid offline_access beta files:read at ' || :'files', 'a code, for one of its resources');
SELECT is(pg_temp.narrowed(pg_temp.redeem(:'both', 'x', 'y')), :'all' || ' at ["https://notes.example.com", "https://files.example.com"]', '... for all of them');
SELECT is(pg_temp.narrowed(pg_temp.redeem('{https://files.example.com}', 'x', 'y')), 'openid offline_access beta files:read at ' || :'files', '... for the only one');
SELECT is(pg_temp.narrowed(pg_temp.redeem('{https://mail.example.com}', 'x', 'y')), 'openid offline_access beta at ' || :'mail', '... for one that has no scopes');
SELECT is(pg_temp.narrowed(pg_temp.redeem('{}', 'x', 'y')), :'all' || ' at ' || :'notes', '... for none: the default one, and all that was granted');

SELECT pg_temp.json(pg_temp.redeem(:'both', 'resource', :'files')) ->> 'refresh_token' AS token \gset
SELECT r AS response, pg_temp.json(r) ->> 'refresh_token' AS token FROM pg_temp.refresh(:'token', 'resource', :'notes') AS r \gset
SELECT is(pg_temp.narrowed(:'response'), 'openid offline_access beta notes:read notes:write at ' || :'notes', 'a refresh can be for the other one: the grant is whole');
SELECT r AS response, pg_temp.json(r) ->> 'refresh_token' AS token FROM pg_temp.refresh(:'token', 'resource', :'notes', 'scope', 'files:read notes:read') AS r \gset
SELECT is(pg_temp.narrowed(:'response'), 'notes:read at ' || :'notes', '... with fewer scopes');
SELECT r AS response, pg_temp.json(r) ->> 'refresh_token' AS token FROM pg_temp.refresh(:'token', 'resource', :'notes', 'scope', 'files:read') AS r \gset
SELECT is(pg_temp.narrowed(:'response'), ' at ' || :'notes', '... with none, and the client is told that it has none (RFC 6749 5.1)');
SELECT is(pg_temp.access(:'response') ? 'scope', false, '... nor does the token have an empty one');

SELECT pg_temp.get('/authorize', oauth.form_of('response_type', 'token', 'client_id', 'app', 'redirect_uri', 'https://app.example.com/cb', 'scope', 'notes:read files:read', 'resource', :'files'),
    pg_temp.session_of(:'alice')) AS answer \gset
SELECT is((jwt.verify(pg_temp.parameter(:'answer', 'access_token'), type => 'at+jwt')) ->> 'scope', 'files:read', 'the implicit grant');
SELECT is(pg_temp.parameter(:'answer', 'scope'), 'files:read', '... and the client is told');
SELECT is(pg_temp.narrowed(pg_temp.post('/token', oauth.form_of('grant_type', 'password', 'client_id', 'app', 'username', 'alice', 'password', 'x', 'scope', :'all', 'resource', :'files'))),
    'openid offline_access beta files:read at ' || :'files', 'the password grant');
SELECT is(pg_temp.narrowed(pg_temp.post('/token', oauth.form_of('grant_type', 'client_credentials', 'resource', :'files'), pg_temp.basic('machine', :'secret'))), 'beta files:read at ' || :'files', 'client credentials');

-- The operator's function hears of the scopes that the token has; an opaque token has the same.
CREATE SCHEMA app;
CREATE FUNCTION app.claims(subject text, client_id text, scopes text[]) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('heard', scopes, 'of', subject || ' by ' || client_id)$$;
SELECT oauth.set_claims_function('app.claims(text, text, text[])');
SELECT is(pg_temp.access(pg_temp.redeem(:'both', 'resource', :'files')) -> 'heard', '["openid", "offline_access", "beta", "files:read"]', 'claims are added for these scopes');
SELECT is(pg_temp.access(pg_temp.redeem(:'both', 'resource', :'files')) ->> 'of', :'alice' || ' by app', '... and for this user');
SELECT is(pg_temp.access(pg_temp.post('/token', 'grant_type=client_credentials', pg_temp.basic('machine', :'secret'))) ->> 'of', 'machine by machine', '... or for the client, where there is none');
UPDATE oauth.resources SET access_token_format = 'opaque' WHERE resource = :'files';
SELECT pg_temp.redeem(:'both', 'resource', :'files') \g /dev/null
SELECT is((SELECT t.claims ->> 'scope' FROM oauth.access_tokens AS t), 'openid offline_access beta files:read', 'an opaque token');

-- A token for several is what the strictest of them wants, whichever is named first.
UPDATE oauth.resources AS r
SET access_token_format = t.format, access_token_lifetime = t.lifetime
FROM (VALUES (:'notes', 'opaque', NULL::interval), (:'files', 'jwt', '2 minutes'), (:'mail', 'jwt', '5 minutes')) AS t (resource, format, lifetime)
WHERE r.resource = t.resource;
CREATE FUNCTION pg_temp.terms(VARIADIC resources text[]) RETURNS text
LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE WHEN pg_temp.json(r) ->> 'access_token' ~ '[.]' THEN 'jwt' ELSE 'opaque' END, pg_temp.json(r) ->> 'expires_in')
    FROM pg_temp.redeem(resources, 'x', 'y') AS r
$$;
SELECT is(pg_temp.terms(VARIADIC resources), terms, format('%s: %s', terms, resources))
FROM (VALUES
    (ARRAY[:'notes'], 'opaque 600'), (ARRAY[:'mail'], 'jwt 300'), (ARRAY[:'notes', :'files'], 'opaque 120'), (ARRAY[:'files', :'notes'], 'opaque 120'),
    (ARRAY[:'files', :'mail'], 'jwt 120'), (ARRAY[:'mail', :'files'], 'jwt 120'), (ARRAY[:'files', 'https://unknown.example.com'], 'jwt 120')) AS v (resources, terms);

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
