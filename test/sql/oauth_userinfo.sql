\i test/tap.psql
-- /userinfo (OpenID Connect Core 1.0 5.3, RFC 6750).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}') \gset
INSERT INTO oauth.users (issuer_id, subject, username, claims) VALUES (:issuer_id, 'alice', 'Alice',
    '{"name": "Alice A.", "email": "alice@example.com", "email_verified": true, "phone_number": "+1", "shoe_size": 38, "sub": "mallory", "iss": "x"}');

CREATE FUNCTION pg_temp.family(scope text, claims_request jsonb DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO oauth.token_families (issuer_id, client_id, subject, scopes, claims_request, expires_at)
    SELECT c.issuer_id, c.client_id, 'alice', oauth.scope_list(scope), claims_request, now() + interval '1 day' FROM oauth.clients AS c WHERE c.client_name = 'App'
    RETURNING family_id
$$;
CREATE FUNCTION pg_temp.token(family uuid) RETURNS text LANGUAGE sql AS $$
    SELECT (oauth.issue_access_token(i, c, f, f.scopes, f.resources)).token
    FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id)
    WHERE f.family_id = family
$$;
CREATE FUNCTION pg_temp.info(token text) RETURNS oauth.response LANGUAGE sql AS $$SELECT pg_temp.get('/userinfo', '', pg_temp.bearer(token))$$;

-- ---------------------------------------------------------------------------
-- What is told

SELECT pg_temp.family('openid profile email') AS family \gset
SELECT pg_temp.token(:'family') AS token \gset
SELECT is(pg_temp.json(pg_temp.info(:'token')),
          '{"sub": "alice", "name": "Alice A.", "preferred_username": "Alice", "email": "alice@example.com", "email_verified": true}', 'claims by scope');
SELECT is(pg_temp.json(pg_temp.post('/userinfo', '', pg_temp.bearer(:'token'))), pg_temp.json(pg_temp.info(:'token')), 'POST with the header');
SELECT is(pg_temp.json(pg_temp.post('/userinfo', 'access_token=' || :'token')), pg_temp.json(pg_temp.info(:'token')), 'POST with the form (RFC 6750 2.2)');
SELECT is(pg_temp.json(pg_temp.info(pg_temp.token(pg_temp.family('openid')))), '{"sub": "alice"}', 'openid alone tells sub');
SELECT is(pg_temp.json(pg_temp.info(pg_temp.token(pg_temp.family('openid', '{"userinfo": {"shoe_size": null, "email": {"essential": true}, "iss": null}, "id_token": {"name": null}}')))),
          '{"sub": "alice", "shoe_size": 38, "email": "alice@example.com"}', 'the claims parameter asks for single ones (OpenID Connect Core 1.0 5.5), here for userinfo');
SELECT is(pg_temp.header(pg_temp.info(:'token'), 'cache-control'), 'no-store', 'not to be stored');

-- ---------------------------------------------------------------------------
-- Who is refused (RFC 6750 3)

SELECT is((pg_temp.get('/userinfo')).status, 401, 'no token');
SELECT is(pg_temp.header(pg_temp.get('/userinfo'), 'www-authenticate'), 'Bearer', '... says how, and nothing else');
SELECT is((pg_temp.get('/userinfo', 'access_token=' || :'token')).status, 400, 'a token in the query is refused');
SELECT is((pg_temp.post('/userinfo', f, h, 'x=y&access_token=' || :'token')).status, 400, '... that of a POST, too, beside ' || coalesce(nullif(f, ''), 'the header'))
FROM (VALUES ('', pg_temp.bearer(:'token')), ('x=y', '{}')) AS v (f, h);
SELECT is((pg_temp.post('/userinfo', 'access_token=' || :'token', pg_temp.bearer(:'token'))).status, 400, 'a token by two ways is refused');
SELECT is((pg_temp.info(left(:'token', -1))).status, 401, 'a truncated one');
SELECT matches(pg_temp.header(pg_temp.info('x.y.z'), 'www-authenticate'), '^Bearer error="invalid_token"', '... with invalid_token');
SELECT is((pg_temp.get('/userinfo', '', jsonb_build_object('authorization', a))).status, 401, 'refused: ' || a)
FROM unnest(ARRAY['Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer "x"', '']) AS a;
SELECT is((pg_temp.info(pg_temp.token(pg_temp.family('profile')))).status, 403, 'without openid: insufficient_scope');
SELECT matches(pg_temp.header(pg_temp.info(pg_temp.token(pg_temp.family('profile'))), 'www-authenticate'), 'error="insufficient_scope".*scope="openid"', '... which names the scope');

-- The attacker presents an ID token, which the client got and may have leaked.
SELECT is((pg_temp.info(oauth.issue_id_token(i, c, f))).status, 401, 'an ID token is no access token (RFC 9068 4)')
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family';
-- ... whatever the operator has made of the trust table.
SAVEPOINT any_type;
UPDATE jwt.issuers SET type = NULL;
SELECT is((pg_temp.info(oauth.issue_id_token(i, c, f))).status, 401, '... nor where the trust table takes every typ')
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family';
ROLLBACK TO any_type;
-- ... or a token of another issuer that the database trusts.
SELECT jwt.create_issuer('https://other.example.com') \g /dev/null
SELECT is((pg_temp.info(jwt.issue('{"sub": "alice", "scope": "openid"}', 'https://other.example.com', type => 'at+jwt'))).status, 401, 'another issuer''s token');
SELECT is((pg_temp.info(jwt.issue(jsonb_build_object('sub', 'alice', 'scope', 'openid', 'family_id', gen_random_uuid()), 'https://auth.example.com', type => 'at+jwt'))).status, 401,
          'a token of no family that is known');

-- ---------------------------------------------------------------------------
-- Revocation

SELECT is((pg_temp.info(:'token')).status, 200, 'the token stands');
SAVEPOINT s;
SELECT oauth.revoke_family(:issuer_id, :'family');
SELECT is((pg_temp.info(:'token')).status, 401, 'family revoked');
ROLLBACK TO s;
SELECT oauth.revoke(:issuer_id, 'token', (jwt.verify(:'token')) ->> 'jti');
SELECT is((pg_temp.info(:'token')).status, 401, 'token revoked');
ROLLBACK TO s;
SELECT oauth.revoke(:issuer_id, kind, id), is((pg_temp.info(:'token')).status, 401, kind || ' revoked')
FROM (VALUES ('user', 'alice')) AS v (kind, id);
ROLLBACK TO s;
SELECT oauth.revoke(:issuer_id, 'client', :'client_id');
SELECT is((pg_temp.info(:'token')).status, 401, 'client revoked');
ROLLBACK TO s;
SELECT oauth.revoke(:issuer_id, 'issuer', '');
SELECT is((pg_temp.info(:'token')).status, 401, 'everything revoked');
ROLLBACK TO s;
UPDATE oauth.users SET enabled = false;
SELECT is((pg_temp.info(:'token')).status, 401, 'user disabled');
ROLLBACK TO s;
DELETE FROM oauth.users;
SELECT is((pg_temp.info(:'token')).status, 401, 'user deleted');
ROLLBACK TO s;
UPDATE oauth.clients SET enabled = false;
SELECT is((pg_temp.info(:'token')).status, 401, 'client disabled');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- Other forms: opaque tokens, signed answers, pairwise subjects

INSERT INTO oauth.resources (issuer_id, resource, resource_name, access_token_format) VALUES (:issuer_id, 'https://api.example.com', 'API', 'opaque');
UPDATE oauth.issuers SET default_resource = 'https://api.example.com';
SELECT pg_temp.token(:'family') AS opaque \gset
SELECT matches(:'opaque'::text, '^[A-Za-z0-9_-]{43}$', 'an opaque token');
SELECT is(pg_temp.json(pg_temp.info(:'opaque')) ->> 'sub', 'alice', '... works');
SELECT is((SELECT count(*) FROM oauth.access_tokens AS t WHERE t::text ~ :'opaque'), 0::bigint, '... and is not stored as it is');
SELECT is((pg_temp.info(upper(:'opaque'))).status, 401, 'another one does not');
UPDATE oauth.access_tokens SET expires_at = now() - interval '1 second';
SELECT is((pg_temp.info(:'opaque')).status, 401, 'an expired one does not');

UPDATE oauth.clients SET userinfo_signed_response_alg = 'ES256';
SELECT is(pg_temp.header(pg_temp.info(:'token'), 'content-type'), 'application/jwt', 'a signed answer where it is registered');
SELECT is(jwt.verify(pg_temp.text(pg_temp.info(:'token')), key => jwt.jwks('https://auth.example.com'), audience => ARRAY[:'client_id']) ->> 'name', 'Alice A.', '... signed by us, for the client');
SELECT jwt.rotate_key('https://auth.example.com', 'EdDSA'), jwt.rotate_key('https://auth.example.com', 'EdDSA') \g /dev/null
UPDATE oauth.clients SET userinfo_signed_response_alg = 'EdDSA';
SELECT is((jwt.decode(pg_temp.text(pg_temp.info(:'token')))).header ->> 'alg', 'EdDSA', '... by the algorithm registered, of several');
UPDATE oauth.clients SET userinfo_signed_response_alg = NULL;

UPDATE oauth.issuers SET default_resource = NULL;
UPDATE oauth.clients SET subject_type = 'pairwise', sector_identifier = 'app.example.com';
SELECT pg_temp.token(:'family') AS pairwise \gset
SELECT isnt(pg_temp.json(pg_temp.info(:'pairwise')) ->> 'sub', 'alice'::text, 'a pairwise client does not see the subject');
SELECT is(pg_temp.json(pg_temp.info(:'pairwise')) ->> 'sub', (jwt.decode(oauth.issue_id_token(i, c, f))).payload ->> 'sub', '... but the ID token''s (OpenID Connect Core 1.0 5.3.2)')
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family';
SELECT is(pg_temp.json(pg_temp.info(:'pairwise')) ->> 'name', 'Alice A.', '... with the user''s claims');

SELECT * FROM finish();
ROLLBACK;
