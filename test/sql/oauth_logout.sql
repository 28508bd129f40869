\i test/tap.psql
-- Logging out (OpenID Connect RP-Initiated Logout 1.0).
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/callback}', scopes => '{openid,offline_access}', token_endpoint_auth_method => 'none',
    post_logout_redirect_uris => '{https://app.example.com/bye,https://app.example.com/bye?a=b}') \gset
SELECT client_id AS other_id FROM oauth.create_client('Other', '{https://other.example.com/callback}', scopes => '{openid}', token_endpoint_auth_method => 'none',
    post_logout_redirect_uris => '{https://other.example.com/bye}') \gset
SELECT oauth.create_user('alice') AS alice \gset

CREATE FUNCTION pg_temp.id_token(client_id text, subject text, sid uuid, age interval DEFAULT '0', type text DEFAULT 'JWT', iss text DEFAULT 'https://auth.example.com') RETURNS text
LANGUAGE sql AS $$
    SELECT jwt.sign(jsonb_build_object('iss', iss, 'sub', subject, 'aud', client_id, 'sid', sid,
            'iat', extract(epoch FROM now() - age)::bigint, 'exp', extract(epoch FROM now() - age + interval '10 minutes')::bigint),
        k.private_jwk, header => jsonb_build_object('typ', type, 'kid', k.kid))
    FROM jwt.keys AS k WHERE k.issuer = 'https://auth.example.com' AND k.state = 'active'
$$;
-- status, and where it leads or the title of the page
CREATE FUNCTION pg_temp.seen(response oauth.response) RETURNS text
LANGUAGE sql AS $$SELECT concat_ws(' ', response.status, coalesce(pg_temp.header(response, 'location'), substring(pg_temp.text(response) FROM '<h1>(.*)</h1>')))$$;

SELECT pg_temp.session_of(:'alice') AS session, pg_temp.session_of(:'alice') AS session_2 \gset
SELECT pg_temp.sid_of(:'session') AS sid, pg_temp.sid_of(:'session_2') AS sid_2 \gset
SELECT pg_temp.id_token(:'client_id', :'alice', :'sid') AS hint \gset
SELECT pg_temp.new_family(:'client_id', :'alice', 'openid', sid => :'sid') AS online, pg_temp.new_family(:'client_id', :'alice', 'openid offline_access', sid => :'sid') AS offline,
       pg_temp.new_family(:'client_id', :'alice', 'openid', sid => :'sid_2') AS elsewhere \gset

-- ---------------------------------------------------------------------------
-- Anybody can send a browser here: without a hint the user is asked

SAVEPOINT s;
SELECT is(pg_temp.seen(pg_temp.get('/logout', '', :'session')), '200 Log out?', 'no hint: a question');
SELECT is(pg_temp.sid_of(:'session'), :'sid'::uuid, '... and still logged in');
SELECT is(pg_temp.seen(pg_temp.post('/logout', '', :'session')), '200 Log out?', 'a form of another site''s asks as well');
SELECT is(pg_temp.seen(pg_temp.post('/logout', 'csrf=' || pg_temp.csrf(:'session_2'), :'session')), '200 Log out?', '... and one of another session''s');
SELECT is(pg_temp.sid_of(:'session'), :'sid'::uuid, '... and still logged in');
SELECT pg_temp.get('/logout', oauth.form_of('client_id', :'client_id', 'post_logout_redirect_uri', 'https://app.example.com/bye?a=b', 'state', 'x&y'), :'session') AS page \gset
SELECT is(oauth.form_of('csrf', pg_temp.field(:'page', 'csrf'), 'client_id', pg_temp.field(:'page', 'client_id'), 'uri', pg_temp.field(:'page', 'post_logout_redirect_uri'), 'state', pg_temp.field(:'page', 'state')),
    oauth.form_of('csrf', pg_temp.csrf(:'session'), 'client_id', :'client_id', 'uri', 'https://app.example.com/bye?a=b', 'state', 'x&y'), 'the form keeps what was asked');
SELECT matches(pg_temp.header(:'page', 'content-security-policy'), 'form-action ''self'' https://app\.example\.com;', '... and may end at the client');
SELECT pg_temp.post('/logout', oauth.form_of('csrf', pg_temp.csrf(:'session'), 'client_id', :'client_id', 'post_logout_redirect_uri', 'https://app.example.com/bye?a=b', 'state', 'x&y'), :'session') AS answer \gset
SELECT is(pg_temp.seen(:'answer'), '303 https://app.example.com/bye?a=b&state=x%26y', 'answered: back to the client, with state');
SELECT is(pg_temp.header(:'answer', 'set-cookie'), '__Host-oauth_session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0', '... without the cookie');
SELECT is(pg_temp.sid_of(:'session'), NULL, '... which was worth nothing anyway');
SELECT is(pg_temp.sid_of(:'session_2'), :'sid_2'::uuid, '... while the other browser stays logged in');

-- What ends with it
SELECT ok((SELECT f.revoked_at IS NOT NULL FROM oauth.token_families AS f WHERE f.family_id = :'online'), 'the session''s tokens end');
SELECT ok((SELECT f.revoked_at IS NULL FROM oauth.token_families AS f WHERE f.family_id = :'offline'), '... offline_access goes on (Back-Channel Logout 1.0 2.7)');
SELECT ok((SELECT f.revoked_at IS NULL FROM oauth.token_families AS f WHERE f.family_id = :'elsewhere'), '... and another session''s');
SELECT ok(oauth.is_revoked(jsonb_build_object('iss', 'https://auth.example.com', 'sid', :'sid')), 'what names the session is revoked');
SELECT ok(EXISTS (SELECT FROM oauth.login_sessions WHERE sid = :'sid' AND ended_at IS NOT NULL), 'the row has its end');
SELECT is((SELECT array_agg(a.event || ' ' || a.subject) FROM oauth.audit AS a WHERE a.event = 'logout'), ARRAY['logout ' || :'alice'], 'it is in the audit');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- A hint of this very log-in

SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('id_token_hint', :'hint', 'post_logout_redirect_uri', 'https://app.example.com/bye', 'state', 's'), :'session')), '303 https://app.example.com/bye?state=s', 'a hint of this session asks nothing');
SELECT is(pg_temp.sid_of(:'session'), NULL, '... and ends it');
ROLLBACK TO s;
SELECT is(pg_temp.seen(pg_temp.post('/logout', oauth.form_of('id_token_hint', :'hint', 'client_id', :'client_id'), :'session')), '200 Logged out', 'by POST as well (2)');
ROLLBACK TO s;
SELECT oauth.form_of('client_id', :'client_id', 'id_token_hint', :'hint', 'post_logout_redirect_uri', 'https://app.example.com/bye') AS form \gset
SELECT is(pg_temp.header(pg_temp.post('/logout', :'form'), 'location'), 'https://auth.example.com/logout?' || :'form', '... posted from the client''s site, without our SameSite cookie, it is asked again from here');
SELECT is(pg_temp.sid_of(:'session'), :'sid'::uuid, '... since nothing has ended yet');
SELECT is(pg_temp.seen(pg_temp.get('/logout', :'form', :'session')), '303 https://app.example.com/bye', '... and then it ends');
ROLLBACK TO s;
SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('id_token_hint', pg_temp.id_token(:'client_id', :'alice', :'sid', '1 year')), :'session')), '200 Logged out', 'an expired one still says which (4)');
ROLLBACK TO s;
SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('id_token_hint', pg_temp.id_token(:'client_id', :'alice', :'sid_2'), 'post_logout_redirect_uri', 'https://app.example.com/bye'), :'session')), '200 Log out?', 'one of another session asks');
SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('id_token_hint', pg_temp.id_token(:'client_id', :'alice', NULL)), :'session')), '200 Log out?', '... and one of none');
SELECT is(pg_temp.seen(pg_temp.get('/logout', q, :'session')), '400 That did not work', d) FROM (VALUES
    (oauth.form_of('id_token_hint', :'hint' || 'x'), 'a hint with another signature'),
    (oauth.form_of('id_token_hint', 'x'), '... that is none'),
    (oauth.form_of('id_token_hint', pg_temp.id_token(:'client_id', :'alice', :'sid', type => 'at+jwt')), '... that is an access token'),
    (oauth.form_of('id_token_hint', pg_temp.id_token(:'client_id', :'alice', :'sid', iss => 'https://evil.example.com')), '... of another issuer'),
    (oauth.form_of('id_token_hint', jwt.sign(jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'alice', 'aud', :'client_id', 'sid', :'sid', 'exp', 4102444800), jwt.generate_key('ES256'), header => '{"typ": "JWT"}')), '... signed with another key'),
    (oauth.form_of('id_token_hint', :'hint', 'client_id', :'other_id'), '... of another client')) AS v (q, d);
SELECT is(pg_temp.sid_of(:'session'), :'sid'::uuid, '... and still logged in');

-- ---------------------------------------------------------------------------
-- Sectors with pairwise subjects do not see the same sid either

SAVEPOINT pairwise;
UPDATE oauth.clients SET subject_type = 'pairwise', sector_identifier = client_name;
SELECT pg_temp.new_family(:'other_id', :'alice', 'openid', sid => :'sid') AS others \gset
CREATE TEMP TABLE seen AS SELECT f.family_id, (jwt.decode(oauth.issue_id_token(i, c, f))).payload AS id_token, oauth.issue_id_token(i, c, f) AS hint,
        (jwt.decode((oauth.issue_access_token(i, c, f, f.scopes, '{}')).token)).payload AS access
    FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id)
    WHERE f.sid = :'sid';
SELECT is((SELECT count(DISTINCT id_token ->> 'sid') FROM seen), 2::bigint, 'each sector sees a sid of its own');
SELECT is((SELECT count(*) FROM seen WHERE id_token ->> 'sid' = :'sid' OR access ->> 'sid' = :'sid'), 0::bigint, '... and none the real one');
SELECT is((SELECT count(*) FROM seen WHERE id_token ->> 'sid' <> access ->> 'sid'), 0::bigint, '... the same in both tokens');
SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('id_token_hint', (SELECT hint FROM seen WHERE family_id = :'others')), :'session')), '200 Logged out', 'it hints at the session');
SELECT ok((SELECT bool_and(oauth.is_revoked(access)) FROM seen), '... which ends for each of them, for who may go on being offline too');
ROLLBACK TO pairwise;

-- ---------------------------------------------------------------------------
-- No open redirect: the client's address, byte for byte

SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('client_id', c, 'id_token_hint', h, 'post_logout_redirect_uri', u))), '400 That did not work', 'not ' || u || ' of ' || d) FROM (VALUES
    (:'client_id', NULL, 'https://evil.example.com/', 'this client'),
    (:'client_id', NULL, 'https://app.example.com/bye/', 'this client'),
    (:'client_id', NULL, 'https://app.example.com/bye?a=b&c=d', 'this client'),
    (:'client_id', NULL, 'https://app.example.com/by', 'this client'),
    (:'client_id', NULL, 'https://APP.example.com/bye', 'this client'),
    (:'client_id', NULL, 'https://app.example.com/callback', 'this client'),
    (:'client_id', NULL, 'https://other.example.com/bye', 'this client'),
    (:'client_id', NULL, '//evil.example.com', 'this client'),
    (:'client_id', NULL, 'javascript:alert(1)', 'this client'),
    (NULL, NULL, 'https://app.example.com/bye', 'no client'),
    (NULL, :'hint', 'https://other.example.com/bye', 'the hint''s client'),
    ('unknown', NULL, 'https://app.example.com/bye', 'an unknown one')) AS v (c, h, u, d);
SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('client_id', :'client_id', 'post_logout_redirect_uri', 'https://app.example.com/bye'))), '303 https://app.example.com/bye', 'nobody is logged in: back at once');
SELECT is(pg_temp.seen(pg_temp.get('/logout')), '200 Logged out', '... or the page');
SELECT oauth.disable_client(:'client_id') \g /dev/null
SELECT is(pg_temp.seen(pg_temp.get('/logout', oauth.form_of('client_id', :'client_id', 'post_logout_redirect_uri', 'https://app.example.com/bye'))), '400 That did not work', 'a client that is disabled is none');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
