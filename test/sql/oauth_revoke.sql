\i test/tap.psql
-- Token revocation (RFC 7009).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice') AS alice \gset
SELECT oauth.create_resource('https://opaque.example.com', 'Opaque', access_token_format => 'opaque') \g /dev/null
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}', client_id => 'app', token_endpoint_auth_method => 'none') \gset
SELECT client_secret FROM oauth.create_client('Machine', client_id => 'machine', grant_types => '{client_credentials}', scopes => '{}') \gset

CREATE FUNCTION pg_temp.revoke(token text, more text DEFAULT '&client_id=app', headers jsonb DEFAULT '{}') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/revoke', oauth.form_of('token', token) || more, headers)
$$;
-- the tokens of a new family
CREATE FUNCTION pg_temp.tokens(resources text[] DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    code text := pg_temp.new_code(pg_temp.new_family('app', (SELECT subject FROM oauth.users WHERE username = 'alice'), 'openid offline_access', resources));
BEGIN
    RETURN pg_temp.json(pg_temp.post('/token', oauth.form_of('grant_type', 'authorization_code', 'client_id', 'app', 'code', code,
        'redirect_uri', 'https://app.example.com/cb', 'code_verifier', 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')));
END
$$;
CREATE FUNCTION pg_temp.info(tokens jsonb) RETURNS integer LANGUAGE sql AS $$SELECT (pg_temp.get('/userinfo', '', pg_temp.bearer(tokens ->> 'access_token'))).status$$;
CREATE FUNCTION pg_temp.refresh(tokens jsonb) RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', 'grant_type=refresh_token&client_id=app&refresh_token=' || (tokens ->> 'refresh_token'))
$$;

-- ---------------------------------------------------------------------------
-- A refresh token, and with it what came of its authorization (RFC 7009 2.1)

SELECT pg_temp.tokens() AS tokens, pg_temp.tokens() AS others \gset
SELECT is(pg_temp.info(:'tokens'), 200, 'an access token');
SELECT pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token') AS response \gset
SELECT is((:'response'::oauth.response).status, 200, 'its refresh token is revoked');
SELECT is((:'response'::oauth.response).body, '', '... with nothing to say');
SELECT is(pg_temp.header(:'response', 'cache-control'), 'no-store', '... not to be stored');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'tokens')), '400 invalid_grant', '... and is no longer good');
SELECT is(pg_temp.info(:'tokens'), 401, '... nor is the access token');
SELECT is(oauth.is_revoked(jwt.verify(:'tokens'::jsonb ->> 'access_token')), true, '... as a resource server hears');
SELECT is(pg_temp.info(:'others'), 200, '... but that of another authorization is');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'token_revoked'), 1::bigint, '... and it is in the audit trail');
SELECT is((pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token')).status, 200, 'once more');

SELECT pg_temp.tokens() AS tokens \gset
SELECT pg_temp.json(pg_temp.refresh(:'tokens')) AS newer \gset
SELECT is((pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token')).status, 200, 'a used refresh token');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'newer')), '400 invalid_grant', '... ends the newer one');

-- ---------------------------------------------------------------------------
-- An access token, alone

SELECT pg_temp.tokens() AS tokens \gset
SELECT is((pg_temp.revoke(:'tokens'::jsonb ->> 'access_token')).status, 200, 'an access token is revoked');
SELECT is(pg_temp.info(:'tokens'), 401, '... and is no longer good');
SELECT pg_temp.json(pg_temp.refresh(:'tokens')) AS newer \gset
SELECT is(pg_temp.info(:'newer'), 200, '... the next one is');

SELECT pg_temp.tokens('{https://opaque.example.com}') AS tokens \gset
SELECT is(pg_temp.info(:'tokens'), 200, 'an opaque access token');
SELECT pg_temp.revoke(:'tokens'::jsonb ->> 'access_token') \g /dev/null
SELECT is(pg_temp.info(:'tokens'), 401, '... is revoked');
SELECT is((SELECT count(*) FROM oauth.access_tokens), 0::bigint, '... and gone');

SELECT pg_temp.json(pg_temp.post('/token', 'grant_type=client_credentials', pg_temp.basic('machine', :'client_secret'))) ->> 'access_token' AS machine \gset
SELECT is(oauth.is_revoked(jwt.verify(:'machine')), false, 'a client''s own token');
SELECT pg_temp.revoke(:'machine', '', pg_temp.basic('machine', :'client_secret')) \g /dev/null
SELECT is(oauth.is_revoked(jwt.verify(:'machine')), true, '... is revoked');

-- ---------------------------------------------------------------------------
-- token_type_hint is a hint (RFC 7009 2.1)

SELECT pg_temp.tokens() AS tokens \gset
SELECT is((pg_temp.revoke(:'tokens'::jsonb ->> 'access_token', '&client_id=app&token_type_hint=refresh_token')).status, 200, 'a wrong hint');
SELECT is(pg_temp.info(:'tokens'), 401, '... does not matter');
SELECT is((pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token', '&client_id=app&token_type_hint=nonsense')).status, 200, 'an unknown one');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'tokens')), '400 invalid_grant', '... neither');

-- ---------------------------------------------------------------------------
-- Who may

SELECT pg_temp.tokens() AS tokens \gset
SELECT pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token', '', pg_temp.basic('machine', :'client_secret')) AS foreign \gset
SELECT is(:'foreign'::oauth.response, pg_temp.revoke('nonsense'), 'another client''s token is answered as an unknown one (RFC 7009 2.2)');
SELECT pg_temp.revoke(:'tokens'::jsonb ->> 'access_token', '', pg_temp.basic('machine', :'client_secret')) \g /dev/null
SELECT is(pg_temp.info(:'tokens'), 200, '... and stays');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'tokens')), '200', '... as does its refresh token');
SELECT pg_temp.tokens() AS tokens \gset
SELECT is(pg_temp.outcome(pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token', '')), '401 invalid_client', 'nobody');
SELECT is(pg_temp.outcome(pg_temp.revoke(:'tokens'::jsonb ->> 'refresh_token', '&client_id=machine')), '401 invalid_client', 'a client that does not authenticate');
SELECT is(pg_temp.info(:'tokens'), 200, '... revokes nothing');
SELECT is((pg_temp.revoke(t)).status, 200, 'unknown: ' || t) FROM unnest(ARRAY['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', repeat('a', 43), '...', 'é']) AS t;
SELECT is(pg_temp.outcome(pg_temp.revoke(NULL, 'client_id=app')), '400 invalid_request', 'no token');
SELECT is(pg_temp.outcome(pg_temp.post('/revoke', 'token=a&token=b&client_id=app')), '400 invalid_request', 'two of them');
SELECT is(pg_temp.outcome(pg_temp.post('/revoke', 'client_id=app', query => 'token=x')), '400 invalid_request', 'in the query');
SELECT is(pg_temp.outcome(pg_temp.post('/revoke', '{"token": "x"}', '{"content-type": "application/json"}')), '400 invalid_request', 'as JSON');
SELECT is((pg_temp.get('/revoke', 'token=x&client_id=app')).status, 405, 'by GET');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT * FROM finish();
ROLLBACK;
