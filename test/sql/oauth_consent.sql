\i test/tap.psql
-- Consent: what a user is asked, and what the answer is worth.
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT oauth.create_resource('https://api.example.com', 'Example API', '{"notes:read": "Read your notes", "notes:write": "Write notes"}', is_default => true);
SELECT oauth.create_resource('https://files.example.com', 'Example Files', '{"files": "Use your files"}');
SELECT client_id FROM oauth.create_client('Notes', '{https://app.example.com/callback}', scopes => '{openid,offline_access,notes:read,notes:write,files}', token_endpoint_auth_method => 'none') \gset
UPDATE oauth.clients SET client_uri = 'https://notes.example.com/', logo_uri = 'https://notes.example.com/logo.svg';
SELECT oauth.create_user('alice') AS alice, oauth.create_user('bob') AS bob \gset
SELECT pg_temp.session_of(:'alice') AS session, pg_temp.session_of(:'alice') AS session_2, pg_temp.session_of(:'bob') AS bobs \gset
\set query 'response_type=code&client_id=' :client_id '&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&state=xyz&code_challenge_method=S256&code_challenge=' :code_challenge '&scope='
SELECT oauth.form_of('request', :'query' || 'openid%20notes%3Aread') AS request,
       oauth.form_of('request', :'query' || 'openid%20notes%3Aread%20notes%3Awrite%20files&resource=https%3A%2F%2Fapi.example.com&resource=https%3A%2F%2Ffiles.example.com') AS wider \gset

-- ---------------------------------------------------------------------------
-- The question

SELECT pg_temp.get('/consent', :'request', :'session') AS page \gset
SELECT is((:'page'::oauth.response).status, 200, 'the page');
SELECT matches(pg_temp.text(:'page'), w, '... shows ' || w)
FROM (VALUES ('<strong>Notes</strong>'), ('<img src="https://notes.example.com/logo.svg" alt="">'), ('href="https://notes.example.com/" target="_blank" rel="noopener noreferrer"'), ('Know who you are'), ('Read your notes'), ('alice')) AS v (w);
SELECT doesnt_match(pg_temp.text(:'page'), 'Write notes|Use your files|class="tag"|Example Files', '... and nothing that is not asked for');
SELECT is(substring(pg_temp.header(:'page', 'content-security-policy') FROM 'img-src [^;]*'), 'img-src https://notes.example.com', '... with the one image let through');
SELECT is((SELECT count(*) FROM oauth.grants), 0::bigint, '... and looking at it allows nothing');

SELECT is((pg_temp.get('/consent', '', :'session')).status, 400, 'no request, no question');
SELECT is((pg_temp.get('/consent', 'request=a%3Db%0D%0Ac', :'session')).status, 400, '... nor with a malformed one');
SELECT is(pg_temp.header(pg_temp.get('/consent', :'request'), 'location'), 'https://auth.example.com/login?' || :'request', 'nobody is logged in');
SELECT pg_temp.get('/consent', oauth.form_of('request', replace(:'query', 'callback', 'evil') || 'openid'), :'session') AS answer \gset
SELECT is((:'answer'::oauth.response).status, 400, 'the request is judged anew: an address not the client''s');
SELECT is(pg_temp.header(:'answer', 'location'), NULL, '... leads nowhere');
SELECT is(pg_temp.parameter(pg_temp.get('/consent', oauth.form_of('request', :'query' || 'admin'), :'session'), 'error'), 'invalid_scope', '... a scope not the client''s is the client''s error');

UPDATE oauth.issuers SET ui_locale = 'de';
INSERT INTO oauth.page_texts VALUES (:issuer_id, 'de', 'Read your notes', 'Ihre Notizen lesen');
SELECT matches(pg_temp.text(pg_temp.get('/consent', :'request', :'session')), 'Wissen, wer Sie sind</li>.*Ihre Notizen lesen</li>', 'scopes are described in the issuer''s language, where there is a text');
UPDATE oauth.issuers SET ui_locale = 'en';

-- ---------------------------------------------------------------------------
-- The answer comes from the form that this session was shown

SELECT pg_temp.csrf(:'session') AS csrf \gset
SELECT is(pg_temp.field(:'page', 'csrf'), :'csrf', 'the form has the session''s token');
SELECT is((pg_temp.post('/consent', :'request' || '&decision=approve' || t, :'session')).status, 403, d)
FROM (VALUES ('', 'no token'), ('&csrf=', 'an empty one'), ('&csrf=' || left(:'csrf', 42) || '!', 'a wrong one'),
             ('&csrf=' || pg_temp.csrf(:'bobs'), 'another user''s'), ('&csrf=' || pg_temp.csrf(:'session_2'), 'another session''s of the same user')) AS v (t, d);
SELECT is((SELECT count(*) FROM oauth.grants), 0::bigint, '... and nothing is allowed');
SELECT is(pg_temp.parameter(pg_temp.post('/consent', :'request' || d || '&csrf=' || :'csrf', :'session'), 'error'), 'access_denied', w)
FROM (VALUES ('&decision=deny', 'denied'), ('', 'no decision'), ('&decision=APPROVE', 'another word')) AS v (d, w);
SELECT is(pg_temp.parameter(pg_temp.post('/consent', :'request' || '&csrf=' || :'csrf', :'session'), p), v, '... with ' || p) FROM (VALUES ('state', 'xyz'), ('iss', 'https://auth.example.com')) AS w (p, v);
SELECT is((SELECT count(*) FROM oauth.grants), 0::bigint, '... and nothing is allowed');

SELECT pg_temp.post('/consent', :'request' || '&decision=approve&csrf=' || :'csrf', :'session') AS answer \gset
SELECT is((:'answer'::oauth.response).status, 303, 'allowed');
SELECT is(pg_temp.header(:'answer', 'location'), 'https://auth.example.com/authorize?' || :'query' || 'openid%20notes%3Aread', '... back to the request');
SELECT is((SELECT array_agg((g.subject, g.client_id, g.scopes, g.revoked_at IS NULL)::text) FROM oauth.grants AS g), ARRAY[format('(%s,%s,"{openid,notes:read}",t)', :'alice', :'client_id')], '... and a row says so');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid%20notes%3Aread', :'session'), 'location'), '\?code=', 'the request is answered');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid%20notes%3Aread', :'bobs'), 'location'), '/consent\?', '... alice''s, not bob''s');
SELECT is(pg_temp.header(pg_temp.post('/consent', oauth.form_of('request', :'query' || 'openid&prompt=consent', 'decision', 'approve', 'csrf', :'csrf'), :'session'), 'location'),
          'https://auth.example.com/authorize?' || :'query' || 'openid', 'prompt=consent is done (OpenID Connect Core 1.0 3.1.2.1)');

-- ---------------------------------------------------------------------------
-- More than before

SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'notes%3Awrite', :'session'), 'location'), '/consent\?', 'for another scope the user is asked');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid&resource=https%3A%2F%2Ffiles.example.com', :'session'), 'location'), '/consent\?', '... and for another resource');
SELECT pg_temp.get('/consent', :'wider', :'session') AS page \gset
SELECT matches(pg_temp.text(:'page'), 'Write notes <span class="tag">new</span>.*Use your files <span class="tag">new</span>', 'the page marks what is new');
SELECT matches(pg_temp.text(:'page'), 'Know who you are</li>.*Read your notes</li>', '... and what is not');
SELECT matches(pg_temp.text(:'page'), '<strong>Example API, Example Files</strong>', '... and names the resources');
SELECT pg_temp.post('/consent', :'wider' || '&decision=approve&csrf=' || :'csrf', :'session') \g /dev/null
SELECT is((SELECT array_agg((g.scopes, g.resources)::text) FROM oauth.grants AS g), '{"(\"{files,notes:read,notes:write,openid}\",\"{https://api.example.com,https://files.example.com}\")"}'::text[], 'one row, widened');
SELECT pg_temp.post('/consent', :'request' || '&decision=approve&csrf=' || :'csrf', :'session') \g /dev/null
SELECT is((SELECT cardinality(g.scopes) FROM oauth.grants AS g), 4, '... and not narrowed again');

-- ---------------------------------------------------------------------------
-- Any program on the user's machine can say that it is a public native client: each time the user is asked (RFC 8252 8.6)

SAVEPOINT native;
UPDATE oauth.clients SET application_type = 'native', redirect_uris = '{http://127.0.0.1/callback,com.example.app:/callback,https://app.example.com/callback}';
SELECT replace(:'query', 'https%3A%2F%2Fapp.example.com', 'http%3A%2F%2F127.0.0.1%3A4711') || 'openid' AS loopback \gset
SELECT matches(pg_temp.header(pg_temp.get('/authorize', q, :'session'), 'location'), e, d)
FROM (VALUES (:'loopback', 'a port of the user''s machine', '/consent\?'), (replace(:'query', 'https%3A%2F%2Fapp.example.com%2F', 'com.example.app%3A%2F') || 'openid', 'its own scheme', '/consent\?'), (:'query' || 'openid', 'but not, where only its site is answered', '\?code=')) AS v (q, d, e);
SELECT is(pg_temp.parameter(pg_temp.get('/authorize', :'loopback' || '&prompt=none', :'session'), 'error'), 'consent_required', 'who must not be asked is not answered');
SELECT pg_temp.post('/consent', oauth.form_of('request', :'loopback', 'decision', 'approve', 'csrf', :'csrf'), :'session') AS answer \gset
SELECT matches(pg_temp.header(:'answer', 'location'), '^http://127\.0\.0\.1:4711/callback\?code=[^&]+&state=xyz&iss=', 'asked and allowed, it is answered at once');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'loopback', :'session'), 'location'), '/consent\?', '... and the next time the user is asked again');
SELECT matches(pg_temp.header(pg_temp.post('/consent', oauth.form_of('request', :'loopback' || '&max_age=0', 'decision', 'approve', 'csrf', :'csrf'), :'session'), 'location'), '/login\?', '... a log-in comes first where one is asked for');
SELECT is(pg_temp.parameter(pg_temp.post('/consent', oauth.form_of('request', :'loopback' || '&id_token_hint=x', 'decision', 'approve', 'csrf', :'csrf'), :'session'), 'error'), 'login_required', '... and another user than is meant gets nothing');
UPDATE oauth.clients SET token_endpoint_auth_method = 'client_secret_basic';
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'loopback', :'session'), 'location'), '\?code=', 'who has a secret to show is known without');
UPDATE oauth.clients SET token_endpoint_auth_method = 'none', require_consent = false;
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'loopback', :'session'), 'location'), '\?code=', 'nor is asked what the operator has decided');
ROLLBACK TO native;

-- ---------------------------------------------------------------------------
-- Asking for no resource is asking for the default one

SAVEPOINT resources;
DELETE FROM oauth.grants;
SELECT pg_temp.post('/consent', oauth.form_of('request', :'query' || 'openid&resource=https%3A%2F%2Ffiles.example.com', 'decision', 'approve', 'csrf', :'csrf'), :'session') \g /dev/null
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid&resource=https%3A%2F%2Ffiles.example.com', :'session'), 'location'), '\?code=', 'a resource is allowed');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid', :'session'), 'location'), '/consent\?', '... and not the default one with it');
SELECT pg_temp.post('/consent', oauth.form_of('request', :'query' || 'openid', 'decision', 'approve', 'csrf', :'csrf'), :'session') \g /dev/null
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid', :'session'), 'location'), '\?code=', '... until it is');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid&resource=https%3A%2F%2Fapi.example.com', :'session'), 'location'), '\?code=', '... by whatever name');
ROLLBACK TO resources;

-- ---------------------------------------------------------------------------
-- Claims that are named one by one are asked for as well (OpenID Connect Core 1.0 5.5)

SAVEPOINT claims;
UPDATE oauth.clients SET scopes = '{openid,email}';
UPDATE oauth.users SET claims = '{"email": "alice@example.com", "name": "Alice", "shoe_size": 38}';
SELECT :'query' || 'openid&claims=' || oauth.form_encode('{"userinfo": {"email": null, "name": null, "shoe_size": null}, "id_token": {"email": {"essential": true}, "shoe_size": null, "auth_time": {"essential": true}}}') AS single \gset
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'single', :'session'), 'location'), '/consent\?', 'openid is allowed, but not the e-mail address');
SELECT matches(pg_temp.text(pg_temp.get('/consent', oauth.form_of('request', :'single'), :'session')), 'See your e-mail address <span class="tag">new</span>', '... which the page says');
SELECT doesnt_match(pg_temp.text(pg_temp.get('/consent', oauth.form_of('request', :'single'), :'session')), 'See your name', '... and nothing that the client may not have');
SELECT pg_temp.post('/consent', oauth.form_of('request', :'single', 'decision', 'approve', 'csrf', :'csrf'), :'session') \g /dev/null
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'single', :'session'), 'location'), '\?code=', '... and then the request is answered');
SELECT is((SELECT f.claims_request FROM oauth.token_families AS f WHERE f.claims_request IS NOT NULL), '{"userinfo": {"email": {}}, "id_token": {"email": {"essential": true}, "auth_time": {"essential": true}}}', '... with what the client may have');
SELECT is((SELECT f.scopes FROM oauth.token_families AS f WHERE f.claims_request IS NOT NULL), '{openid}', '... and no scope more');
UPDATE oauth.clients SET require_consent = false;
SELECT pg_temp.get('/authorize', :'single', :'session') \g /dev/null
SELECT is((SELECT count(*) FROM oauth.token_families AS f WHERE f.claims_request -> 'userinfo' ?& '{email,name,shoe_size}'), 1::bigint, 'the operator''s own application may have them all');
ROLLBACK TO claims;

-- ---------------------------------------------------------------------------
-- Taken back

SELECT pg_temp.new_family(:'client_id', :'alice', 'notes:read', grant_id => g.grant_id) AS alices_family FROM oauth.grants AS g \gset
SELECT pg_temp.new_family(:'client_id', :'bob', 'notes:read') AS bobs_family \gset
SELECT ok(oauth.revoke_grant(:'alice', :'client_id'), 'revoked');
SELECT ok((SELECT g.revoked_at IS NOT NULL FROM oauth.grants AS g), '... the row stays, with its end');
SELECT is((oauth.standing_grant(:issuer_id, :'alice', :'client_id')).grant_id, NULL, '... and stands no longer');
SELECT ok((SELECT f.revoked_at IS NOT NULL FROM oauth.token_families AS f WHERE f.family_id = :'alices_family'), '... with all its tokens');
SELECT ok((SELECT f.revoked_at IS NULL FROM oauth.token_families AS f WHERE f.family_id = :'bobs_family'), '... but nobody else''s');
SELECT ok(NOT oauth.revoke_grant(:'alice', :'client_id'), 'again: there is nothing');
SELECT ok(NOT oauth.revoke_grant(:'alice', 'unknown'), '... nor for an unknown client');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || 'openid', :'session'), 'location'), '/consent\?', 'the user is asked again');
SELECT pg_temp.post('/consent', :'request' || '&decision=approve&csrf=' || :'csrf', :'session') \g /dev/null
SELECT is((SELECT array_agg(cardinality(g.scopes) ORDER BY g.revoked_at NULLS LAST) FROM oauth.grants AS g), '{4,2}', '... and allows no more than is asked now');

SELECT is((SELECT array_agg(a.event ORDER BY a.audit_id) FROM oauth.audit AS a WHERE a.event ~ 'consent|grant'),
    '{consent_denied,consent_denied,consent_denied,consent_denied,consent_denied,consent_given,consent_given,consent_given,consent_given,grant_revoked,consent_given}', 'all of it is in the audit');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');

SELECT * FROM finish();
ROLLBACK;
