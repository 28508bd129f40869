\i test/tap.psql
-- The authorization endpoint: what it refuses, whom it tells, and what it gives.
\i test/oauth.psql

SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT FROM oauth.create_resource('https://api.example.com', 'Example API', '{"notes:read": "Read your notes", "notes:write": "Write notes"}', is_default => true);
SELECT FROM oauth.create_resource('https://files.example.com', 'Example Files', '{"files:read": "Read your files"}');
SELECT FROM oauth.create_client('Web', '{https://app.example.com/cb}', client_id => 'web', scopes => '{openid,profile,email,offline_access,notes:read,files:read}');
SELECT FROM oauth.create_client('Two addresses', '{https://app.example.com/cb,https://app.example.com/cb?tenant=1}', client_id => 'two', scopes => '{openid,notes:read}');
SELECT FROM oauth.create_client('SPA', '{https://app.example.com/cb}', client_id => 'spa', scopes => '{openid,notes:read}', token_endpoint_auth_method => 'none');
SELECT FROM oauth.create_client('Native', '{http://127.0.0.1/cb,"http://[::1]:8080/cb",http://localhost:8080/cb,com.example.app:/cb}', client_id => 'native',
    scopes => '{openid,notes:read}', token_endpoint_auth_method => 'none', application_type => 'native', require_consent => false);
SELECT FROM oauth.create_client('Legacy', '{https://app.example.com/cb}', client_id => 'legacy', scopes => '{openid,profile,email,notes:read}',
    grant_types => '{authorization_code,implicit}',
    response_types => '{code,token,id_token,id_token token,code id_token,code token,code id_token token}');
SELECT FROM oauth.create_client('Forgotten', '{https://app.example.com/cb}', client_id => 'forgotten', scopes => '{openid,notes:read}', response_types => '{code,token,code id_token}');
SELECT FROM oauth.create_client('Some types', '{https://app.example.com/cb}', client_id => 'some', scopes => '{openid,notes:read}',
    grant_types => '{authorization_code,implicit}', response_types => '{code,id_token}');
SELECT FROM oauth.create_client('No code', '{https://app.example.com/cb}', client_id => 'nocode', scopes => '{openid,notes:read}',
    grant_types => '{implicit}', response_types => '{code,code id_token,id_token}');
SELECT FROM oauth.create_client('Disabled', '{https://app.example.com/cb}', client_id => 'disabled', scopes => '{openid,notes:read}');
SELECT FROM oauth.disable_client('disabled');
SELECT FROM oauth.create_client('One API', '{https://app.example.com/cb}', client_id => 'oneapi', scopes => '{openid,notes:read}', resources => '{https://api.example.com}');
SELECT FROM oauth.create_client('No scopes', '{https://app.example.com/cb}', client_id => 'noscopes', scopes => '{}', require_consent => false);
SELECT FROM oauth.create_client('Own', '{https://app.example.com/cb}', client_id => 'own', scopes => '{openid,notes:read,offline_access}', require_consent => false);
SELECT FROM oauth.create_client('Pairwise', '{https://app.example.com/cb}', client_id => 'pairwise', scopes => '{openid}', subject_type => 'pairwise', require_consent => false);
SELECT oauth.create_user('alice', NULL, '{"name": "Alice A.", "email": "alice@example.com"}') AS alice \gset
SELECT oauth.create_user('bob', NULL) AS bob \gset

-- A request that is good, but for what a test changes; null takes a parameter out.
CREATE FUNCTION pg_temp.query(changes jsonb) RETURNS text
LANGUAGE sql AS $$
    SELECT string_agg(oauth.form_encode(p.name) || '=' || oauth.form_encode(v), '&' ORDER BY p.name, n)
    FROM jsonb_each(jsonb_strip_nulls('{
        "client_id": "web", "response_type": "code", "redirect_uri": "https://app.example.com/cb", "scope": "openid notes:read",
        "state": "s \"&=t", "nonce": "n-0S6", "code_challenge_method": "S256",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}'::jsonb || changes)) AS p (name, value),
        unnest(oauth.parameter_list(p.value)) WITH ORDINALITY AS u (v, n)
$$;
CREATE FUNCTION pg_temp.ask(changes jsonb DEFAULT '{}', headers jsonb DEFAULT '{}') RETURNS oauth.response
LANGUAGE sql AS $$SELECT pg_temp.get('/authorize', pg_temp.query(changes), headers)$$;

-- Who was told what: the address and the error, or the names of what came; a page
-- and its error.  Nothing goes to a client without state and iss (RFC 9207).
CREATE FUNCTION pg_temp.told(response oauth.response) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    location text := pg_temp.header(response, 'location');
    answer jsonb := oauth.parse_form(convert_to(substring(location FROM '[?#](.*)$'), 'UTF8'));
BEGIN
    IF location IS NULL THEN
        RETURN concat('page ', response.status, ' ', substring(pg_temp.text(response) FROM '<code>(.*?)</code>'));
    END IF;
    RETURN concat(substring(location FROM '^[^?#]*[?#]'),
        coalesce(answer ->> 'error', (SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM jsonb_object_keys(answer) AS k)),
        CASE WHEN NOT location ^@ 'https://auth.example.com/' AND (
                answer ->> 'state' IS DISTINCT FROM 's "&=t' OR answer ->> 'iss' IS DISTINCT FROM 'https://auth.example.com')
            THEN ', without state or iss' END,
        CASE WHEN response.status <> 303 THEN ', by ' || response.status END);
END
$$;

-- A log-in, some time ago; its cookie.
CREATE FUNCTION pg_temp.log_in(subject text, ago interval DEFAULT '10 minutes') RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    cookie text := oauth.random_token();
BEGIN
    INSERT INTO oauth.login_sessions (issuer_id, session_hash, subject, auth_time, expires_at)
    SELECT i.issuer_id, oauth.hash_token(cookie), log_in.subject, now() - ago, now() + interval '1 hour'
    FROM oauth.issuers AS i;
    RETURN jsonb_build_object('cookie', '__Host-oauth_session=' || cookie);
END
$$;
SELECT pg_temp.log_in(:'alice') AS alice_here \gset
SELECT pg_temp.log_in(:'bob') AS bob_here \gset
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes, resources)
SELECT :issuer_id, :'alice', c, '{openid,profile,email,offline_access,notes:read}', '{https://api.example.com}'
FROM unnest('{web,two,spa,native,legacy,oneapi}'::text[]) AS c;

\set client 'https://app.example.com/cb?'
\set login 'https://auth.example.com/login?request'
\set consent 'https://auth.example.com/consent?request'
\set good 'https://app.example.com/cb?code iss state'
\set page 'page 400 invalid_request'

SELECT is(pg_temp.told(pg_temp.ask('{}', :'alice_here')), :'good', 'a good request is answered: what follows differs from it in one thing each');

-- ---------------------------------------------------------------------------
-- The attacker sends the user here with an address of the attacker's own, to be
-- given the code or to have our name lead to theirs (RFC 6749 3.1.2.4, 10.6, 10.15)

SELECT is(pg_temp.told(pg_temp.ask('{"client_id": null}', :'alice_here')), :'page', 'no client');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "nobody"}', :'alice_here')), :'page', 'a client that is none');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "WEB"}', :'alice_here')), :'page', 'a client in capitals');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "disabled"}', :'alice_here')), :'page', 'a disabled client');
SELECT is(pg_temp.told(pg_temp.get('/authorize', pg_temp.query('{}') || '&redirect_uri=https%3A%2F%2Fevil.example.com', :'alice_here')), :'page', 'a second redirect_uri behind the good one');

SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('redirect_uri', uri), :'alice_here')), :'page', what)
FROM (VALUES
    ('another host', 'https://evil.example.com/cb'),
    ('a host that begins like it', 'https://app.example.com.evil.com/cb'),
    ('a host that ends like it', 'https://evil-app.example.com/cb'),
    ('userinfo that looks like the host', 'https://app.example.com@evil.com/cb'),
    ('userinfo before the host', 'https://evil.com@app.example.com/cb'),
    ('a backslash that browsers take for a slash', 'https://app.example.com\@evil.com/cb'),
    ('a longer path', 'https://app.example.com/cb/more'),
    ('a path that begins like it', 'https://app.example.com/cbx'),
    ('a shorter path', 'https://app.example.com/'),
    ('.. in the path', 'https://app.example.com/x/../cb'),
    ('.. behind the path', 'https://app.example.com/cb/../evil'),
    ('an encoded ..', 'https://app.example.com/cb/%2e%2e/evil'),
    ('an encoded slash', 'https://app.example.com%2fcb'),
    ('an encoded letter', 'https://app.example.com/c%62'),
    ('a slash at the end', 'https://app.example.com/cb/'),
    ('two slashes', 'https://app.example.com//cb'),
    ('capitals in the path', 'https://app.example.com/CB'),
    ('capitals in the host', 'https://APP.example.com/cb'),
    ('capitals in the scheme', 'HTTPS://app.example.com/cb'),
    ('a dot behind the host', 'https://app.example.com./cb'),
    ('the port that is the default', 'https://app.example.com:443/cb'),
    ('another port', 'https://app.example.com:8443/cb'),
    ('http', 'http://app.example.com/cb'),
    ('a query', 'https://app.example.com/cb?next=https://evil.com'),
    ('an empty query', 'https://app.example.com/cb?'),
    ('a fragment', 'https://app.example.com/cb#evil'),
    ('an empty fragment', 'https://app.example.com/cb#'),
    ('a space before it', ' https://app.example.com/cb'),
    ('a line feed behind it', E'https://app.example.com/cb\n'),
    ('a header behind it', E'https://app.example.com/cb\r\nSet-Cookie: a=b'),
    ('a tab within', E'https://app.exa\tmple.com/cb'),
    ('script', 'javascript:alert(1)//https://app.example.com/cb'),
    ('data', 'data:text/html,https://app.example.com/cb'),
    ('no scheme', '//app.example.com/cb'),
    ('a path alone', '/cb'),
    ('a pattern', 'https://app.example.com/.*'),
    ('another wildcard', '%')) AS attack (what, uri);

SELECT is(pg_temp.told(pg_temp.ask('{"redirect_uri": null}', :'alice_here')), :'page', 'OpenID Connect needs the redirect_uri (Core 1.0 3.1.2.1)');
SELECT is(pg_temp.told(pg_temp.ask('{"redirect_uri": "", "scope": "notes:read"}', :'alice_here')), :'good', 'a parameter without a value is left out (RFC 6749 3.1)');
SELECT is(pg_temp.told(pg_temp.ask('{"redirect_uri": null, "scope": "notes:read"}', :'alice_here')), :'good', 'of one registered address none has to be named');
SELECT is((SELECT c.redirect_uri FROM oauth.authorization_codes AS c ORDER BY c.created_at DESC, c.expires_at DESC LIMIT 1), NULL, '... and none is to be named at /token');
SELECT is(pg_temp.told(pg_temp.ask('{"redirect_uri": null, "scope": "notes:read", "client_id": "two"}', :'alice_here')), :'page', 'of two one has to be');
SELECT matches(pg_temp.header(pg_temp.ask('{"redirect_uri": "https://app.example.com/cb?tenant=1", "client_id": "two"}', :'alice_here'), 'location'), '^https://app\.example\.com/cb\?tenant=1&code=', 'an address with a query keeps it (RFC 6749 3.1.2)');

-- A native application takes the port it gets (RFC 8252 7.3), and nothing else floats.
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'native', 'redirect_uri', uri), :'alice_here')), uri || '?code iss state', what)
FROM (VALUES
    ('loopback as registered', 'http://127.0.0.1/cb'),
    ('loopback on a port', 'http://127.0.0.1:51004/cb'),
    ('loopback on the last port', 'http://127.0.0.1:65535/cb'),
    ('IPv6 loopback on another port', 'http://[::1]:61023/cb'),
    ('IPv6 loopback without one', 'http://[::1]/cb'),
    ('localhost as registered', 'http://localhost:8080/cb'),
    ('its own scheme', 'com.example.app:/cb')) AS floating (what, uri);
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'native', 'redirect_uri', uri), :'alice_here')), :'page', what)
FROM (VALUES
    ('localhost on another port: its name may lead elsewhere (RFC 8252 8.3)', 'http://localhost:9090/cb'),
    ('another address of the loopback net', 'http://127.0.0.2/cb'),
    ('a host behind the loopback''s port', 'http://127.0.0.1:80@evil.com/cb'),
    ('userinfo before the loopback', 'http://evil@127.0.0.1/cb'),
    ('a host that begins like the loopback', 'http://127.0.0.1.evil.com/cb'),
    ('a port that is none', 'http://127.0.0.1:80evil.com/cb'),
    ('an empty port', 'http://127.0.0.1:/cb'),
    ('a port of six digits', 'http://127.0.0.1:123456/cb'),
    ('another path', 'http://127.0.0.1:51004/evil'),
    ('a longer path', 'http://127.0.0.1:51004/cb/evil'),
    ('a query', 'http://127.0.0.1:51004/cb?evil'),
    ('a fragment', 'http://127.0.0.1:51004/cb#evil'),
    ('https', 'https://127.0.0.1/cb'),
    ('the address in decimal', 'http://2130706433/cb'),
    ('the IPv6 address written out', 'http://[0:0:0:0:0:0:0:1]/cb'),
    ('IPv4 within IPv6', 'http://[::ffff:127.0.0.1]/cb'),
    ('its own scheme with an authority', 'com.example.app://evil.com/cb')) AS attack (what, uri);

-- ---------------------------------------------------------------------------
-- The client asks for an answer it may not have, or for a token in a place
-- where it leaks

SELECT is(pg_temp.told(pg_temp.ask('{"response_type": null}', :'alice_here')), :'client' || 'invalid_request', 'no response_type');
SELECT is(pg_temp.told(pg_temp.ask('{"response_type": ""}', :'alice_here')), :'client' || 'invalid_request', 'an empty one');
SELECT matches(pg_temp.told(pg_temp.ask(jsonb_build_object('response_type', type), :'alice_here')), '^https://app.example.com/cb[?#]unsupported_response_type$', format('response_type "%s"', type))
FROM unnest('{none,CODE,code code," code",code token token,password}'::text[]) AS type;
SELECT matches(pg_temp.told(pg_temp.ask(jsonb_build_object('response_type', type), :'alice_here')), '^https://app.example.com/cb#unauthorized_client$', format('response_type "%s" is not the client''s', type))
FROM unnest('{token,id_token,id_token token,token id_token,code id_token,code token,code id_token token}'::text[]) AS type;
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'forgotten', 'response_type', type), :'alice_here')), 'https://app.example.com/cb#unauthorized_client', format('response_type "%s" without the implicit grant', type))
FROM unnest('{token,code id_token}'::text[]) AS type;
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'some', 'response_type', type), :'alice_here')), 'https://app.example.com/cb#unauthorized_client', format('response_type "%s" where another is allowed', type))
FROM unnest('{token,id_token token,code id_token}'::text[]) AS type;
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "nocode"}', :'alice_here')), :'client' || 'unauthorized_client', 'response_type "code" without the authorization code grant');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "nocode", "response_type": "code id_token"}', :'alice_here')), 'https://app.example.com/cb#unauthorized_client', '... nor as a part');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'legacy', 'response_type', type, 'response_mode', 'query'), :'alice_here')), 'https://app.example.com/cb#invalid_request', format('"%s" in a query, which is logged', type))
FROM unnest('{token,id_token,code token}'::text[]) AS type;
SELECT is(pg_temp.told(pg_temp.ask('{"response_mode": "web_message"}', :'alice_here')), :'client' || 'invalid_request', 'an unknown response_mode');
SELECT is(pg_temp.told(pg_temp.ask('{"response_mode": "fragment"}', :'alice_here')), 'https://app.example.com/cb#code iss state', 'response_mode fragment');
SELECT is(pg_temp.told(pg_temp.ask('{"response_mode": "query"}', :'alice_here')), :'good', 'response_mode query');

-- A user's browser is made to post a state that breaks out of the page.
SELECT pg_temp.ask('{"response_mode": "form_post", "state": "\"><script>alert(1)</script>"}', :'alice_here') AS answer \gset
SELECT is((:'answer'::oauth.response).status, 200, 'response_mode form_post is a page (Form Post Response Mode 2)');
SELECT matches(pg_temp.text(:'answer'), '<form method="post" action="https://app\.example\.com/cb"', '... that posts to the client');
SELECT matches(pg_temp.field(:'answer', 'code'), '^[A-Za-z0-9_-]{43}$', '... the code');
SELECT is(pg_temp.field(:'answer', 'iss'), 'https://auth.example.com', '... iss');
SELECT is(pg_temp.field(:'answer', 'state'), '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;', '... and the state, escaped');
SELECT is((SELECT count(*) FROM regexp_matches(pg_temp.text(:'answer'), '<script', 'g')), 1::bigint, '... one script');
SELECT is(substring(pg_temp.text(:'answer') FROM '<script nonce="([A-Za-z0-9_-]+)"'),
          substring(pg_temp.header(:'answer', 'content-security-policy') FROM '''nonce-([A-Za-z0-9_-]+)'''), '... that the policy knows by its nonce');
SELECT doesnt_match(pg_temp.text(:'answer'), '\son[a-z]+=', '... no handler in the markup');
SELECT matches(pg_temp.text(:'answer'), '<button type="submit">', '... a button where there are no scripts');
SELECT matches(pg_temp.header(:'answer', 'content-security-policy'), 'form-action ''self'' https://app\.example\.com;', '... which the policy lets post to the client');
SELECT is(pg_temp.header(:'answer', 'cache-control'), 'no-store', '... not to be stored');
SELECT is(pg_temp.field(pg_temp.ask('{"response_mode": "form_post", "scope": "admin"}', :'alice_here'), 'error'), 'invalid_scope', 'an error goes the same way');

-- ---------------------------------------------------------------------------
-- Who has caught a code tries to redeem it: PKCE stands against it (RFC 7636, RFC 9700 2.1.1)

SELECT is(pg_temp.told(pg_temp.ask(changes || '{"client_id": "spa"}', :'alice_here')), :'client' || 'invalid_request', what)
FROM (VALUES
    ('a public client without PKCE', '{"code_challenge": null, "code_challenge_method": null}'::jsonb),
    ('plain, by name', '{"code_challenge_method": "plain"}'),
    ('plain, by leaving the method out', '{"code_challenge_method": null}'),
    ('s256 in small letters', '{"code_challenge_method": "s256"}'),
    ('an unknown method', '{"code_challenge_method": "S512"}'),
    ('a method without a challenge', '{"code_challenge": null}'),
    ('42 characters', '{"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c"}'),
    ('44 characters', '{"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMM"}'),
    ('padding', '{"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="}'),
    ('base64 that is not base64url', '{"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"}'),
    ('a line feed at the end', '{"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\n"}')) AS attack (what, changes);
SELECT is(pg_temp.told(pg_temp.ask('{"code_challenge": null, "code_challenge_method": null}', :'alice_here')), :'client' || 'invalid_request', 'a confidential client without PKCE, where the issuer requires it');
UPDATE oauth.issuers SET require_pkce = false;
SELECT is(pg_temp.told(pg_temp.ask('{"code_challenge": null, "code_challenge_method": null}', :'alice_here')), :'good', '... and where it does not');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "spa", "code_challenge": null, "code_challenge_method": null}', :'alice_here')), :'client' || 'invalid_request', '... a public client needs it there as well');
SELECT is(pg_temp.told(pg_temp.ask('{"code_challenge_method": "plain"}', :'alice_here')), :'client' || 'invalid_request', '... and plain is refused there as well');
SELECT is(pg_temp.told(pg_temp.ask('{"code_challenge": null}', :'alice_here')), :'client' || 'invalid_request', '... as is a method whose challenge was lost');
UPDATE oauth.issuers SET require_pkce = true;

-- ---------------------------------------------------------------------------
-- The client asks for more than it may have (RFC 6749 3.3, RFC 8707 2)

SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('scope', scope), :'alice_here')), :'client' || 'invalid_scope', what)
FROM (VALUES
    ('a scope of another client', 'openid notes:write'),
    ('a scope that nobody knows', 'openid admin'),
    ('a scope in capitals', 'OPENID'),
    ('two spaces', 'openid  notes:read'),
    ('a space at the end', 'openid '),
    ('a comma', 'openid,notes:read'),
    ('a quotation mark', 'openid "'),
    ('a line feed', E'openid\nnotes:read')) AS attack (what, scope);
SELECT is(pg_temp.told(pg_temp.ask('{"scope": null}', :'alice_here')), :'client' || 'invalid_scope', 'no scope: there is no default, the request fails (RFC 6749 3.3)');
SELECT is(pg_temp.told(pg_temp.ask('{"scope": null, "client_id": "noscopes"}', :'alice_here')), :'good', '... but for a client that has none');
UPDATE oauth.clients SET scopes = scopes || '{gone}'::text[] WHERE client_id = 'own';
SELECT is(pg_temp.told(pg_temp.ask('{"scope": "openid gone", "client_id": "own"}', :'alice_here')), :'client' || 'invalid_scope', 'a scope that the issuer has no more');

SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('resource', resource), :'alice_here')), :'client' || 'invalid_target', what)
FROM (VALUES
    ('a resource that nobody knows', '"https://evil.example.com"'::jsonb),
    ('a fragment', '"https://api.example.com#a"'),
    ('a relative one', '"/api"'),
    ('a slash more', '"https://api.example.com/"'),
    ('one good, one not', '["https://api.example.com", "https://evil.example.com"]')) AS attack (what, resource);
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "oneapi", "resource": "https://files.example.com"}', :'alice_here')), :'client' || 'invalid_target', 'a resource that is not the client''s');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "oneapi", "resource": "https://api.example.com"}', :'alice_here')), :'good', '... and one that is');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "own", "resource": ["https://api.example.com", "https://files.example.com"]}', :'alice_here')), :'good', 'two resources');
SELECT is((SELECT f.resources FROM oauth.token_families AS f WHERE f.client_id = 'own'), '{https://api.example.com,https://files.example.com}', '... are what is authorized');
DELETE FROM oauth.token_families;
UPDATE oauth.clients SET resources = '{https://files.example.com}' WHERE client_id = 'own';
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "own"}', :'alice_here')), :'good', 'who may not have the default resource, and asks for none,');
SELECT is((SELECT f.resources FROM oauth.token_families AS f WHERE f.client_id = 'own'), '{https://files.example.com}', '... is authorized for what it may have');
DELETE FROM oauth.token_families;
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "own", "resource": ["https://files.example.com", "https://files.example.com"]}', :'alice_here')), :'good', 'one resource, named twice,');
SELECT is((SELECT f.resources FROM oauth.token_families AS f WHERE f.client_id = 'own'), '{https://files.example.com}', '... is one');
UPDATE oauth.clients SET resources = '{}' WHERE client_id = 'own';

-- ---------------------------------------------------------------------------
-- OpenID Connect Core 1.0: malformed, and what is not supported

SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object(name, value), :'alice_here')), :'client' || error, coalesce(what, name))
FROM (VALUES
    ('request', 'eyJhbGciOiJub25lIn0.e30.', 'request_not_supported', NULL),
    ('request_uri', 'https://evil.example.com/request', 'request_uri_not_supported', NULL),
    ('registration', '{}', 'registration_not_supported', NULL),
    ('prompt', 'none login', 'invalid_request', 'none with another prompt'),
    ('prompt', 'consent none', 'invalid_request', '... in the other order'),
    ('prompt', 'create', 'invalid_request', 'an unknown prompt'),
    ('max_age', '-1', 'invalid_request', 'max_age below zero'),
    ('max_age', '1e3', 'invalid_request', 'max_age as a float'),
    ('max_age', '99999999999999999999', 'invalid_request', 'max_age beyond all numbers'),
    ('claims', '{', 'invalid_request', 'claims that are no JSON'),
    ('claims', '[]', 'invalid_request', 'claims that are an array'),
    ('claims', '"sub"', 'invalid_request', 'claims that are a string'),
    ('claims', '{"id_token": []}', 'invalid_request', 'claims.id_token that is an array'),
    ('claims', '{"userinfo": []}', 'invalid_request', '... or userinfo'),
    ('claims', '{"id_token": {"sub": "alice"}}', 'invalid_request', 'a claim with neither null nor an object'),
    ('claims', '{"userinfo": {"email": true}}', 'invalid_request', '... in userinfo'),
    ('claims', '{"userinfo": {"\u0000": null}}', 'invalid_request', 'claims with a NUL'),
    ('claims', repeat('[', 20000), 'invalid_request', 'claims of 20000 levels')) AS attack (name, value, error, what);
SELECT is(pg_temp.told(pg_temp.ask('{"claims": "{\"id_token\": {\"email\": null, \"acr\": {\"values\": [\"urn:mfa\"]}}, \"userinfo\": null, \"more\": 1}"}', :'alice_here')), :'good', 'good claims');
SELECT is((SELECT count(*) FROM oauth.token_families AS f WHERE f.claims_request #> '{id_token,acr,values}' = '["urn:mfa"]'), 1::bigint, '... are kept');
SELECT is(pg_temp.told(pg_temp.ask('{"acr_values": "urn:mfa", "ui_locales": "de fr", "display": "touch", "unknown": "1"}', :'alice_here')), :'good', 'what is voluntary or unknown stops nothing (RFC 6749 3.1)');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'legacy', 'nonce', NULL, 'response_type', type), :'alice_here')), 'https://app.example.com/cb#invalid_request', format('"%s" without a nonce: an ID token could be replayed', type))
FROM unnest('{id_token,id_token token,code id_token,code id_token token}'::text[]) AS type;
SELECT is(pg_temp.told(pg_temp.ask('{"nonce": null}', :'alice_here')), :'good', 'the code flow needs none');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "legacy", "nonce": null, "response_type": "code token"}')), :'login', '... nor does "code token", whose ID token comes from /token (Core 1.0 3.3.2.1)');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "legacy", "response_type": "id_token", "scope": "notes:read"}', :'alice_here')), 'https://app.example.com/cb#invalid_scope', 'an ID token without openid');

-- ---------------------------------------------------------------------------
-- Nobody is logged in, or somebody else, or too long ago

SELECT is(pg_temp.told(pg_temp.ask()), :'login', 'nobody: to the log-in page');
SELECT is(pg_temp.told(pg_temp.ask('{}', '{"cookie": "__Host-oauth_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}')), :'login', 'a cookie that is guessed');
SELECT is(pg_temp.told(pg_temp.ask('{}', jsonb_build_object('cookie', replace(:'alice_here'::jsonb ->> 'cookie', '__Host-', '')))), :'login', 'a cookie that a neighbouring host could set');
SELECT is(pg_temp.parameter(pg_temp.ask('{"login_hint": "alice"}'), 'request'), pg_temp.query('{"login_hint": "alice"}'), '... which is told all, login_hint too');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "none"}')), :'client' || 'login_required', 'prompt=none: the client is told');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "none"}', :'bob_here')), :'client' || 'consent_required', '... that consent is missing');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "none"}', :'alice_here')), :'good', '... or is given its code');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "login"}', :'alice_here')), :'login', 'prompt=login');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "select_account"}', :'alice_here')), :'login', 'prompt=select_account');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "consent"}', :'alice_here')), :'consent', 'prompt=consent');
SELECT is(pg_temp.told(pg_temp.ask('{"prompt": "consent login"}', :'alice_here')), :'login', 'prompt=consent login: first things first');

SELECT is(pg_temp.told(pg_temp.ask('{"max_age": "900"}', :'alice_here')), :'good', 'max_age: the log-in is young enough');
SELECT is(pg_temp.told(pg_temp.ask('{"max_age": "300"}', :'alice_here')), :'login', '... or not');
SELECT is(pg_temp.told(pg_temp.ask('{"max_age": "300", "prompt": "none"}', :'alice_here')), :'client' || 'login_required', '... and nobody may be asked');
SELECT is(pg_temp.told(pg_temp.ask('{"max_age": "0"}', pg_temp.log_in(:'alice', '0'))), :'login', 'max_age=0 always asks');
-- What comes back from the log-in page to which /authorize has sent this request.
CREATE FUNCTION pg_temp.after_login(changes jsonb, headers jsonb) RETURNS text
LANGUAGE sql AS $$
    SELECT substring(oauth.after_login(i, oauth.read_carried_request(i, r), jsonb_build_object('request', r)) FROM '\?(.*)$')
    FROM oauth.issuers AS i, pg_temp.parameter(pg_temp.ask(changes, headers), 'request') AS r
$$;
SELECT is(pg_temp.told(pg_temp.get('/authorize', pg_temp.parameter(pg_temp.ask('{"max_age": "0"}', :'alice_here'), 'request'), pg_temp.log_in(:'alice', '5 seconds'))), :'login', '... what is carried to the log-in page is no way around it');
SELECT is(pg_temp.told(pg_temp.get('/authorize', pg_temp.after_login('{"max_age": "0"}', :'alice_here'), pg_temp.log_in(:'alice', '5 seconds'))), :'good', '... and a log-in satisfies it');
SELECT is(pg_temp.told(pg_temp.get('/authorize', pg_temp.after_login('{"max_age": "0", "prompt": "login consent"}', :'alice_here'), pg_temp.log_in(:'alice', '5 seconds'))), :'consent', '... but not the consent asked for');
UPDATE oauth.clients SET default_max_age = '0' WHERE client_id = 'web';
SELECT is(pg_temp.told(pg_temp.ask('{}', :'alice_here')), :'login', 'the client''s default_max_age');
SELECT is(pg_temp.told(pg_temp.get('/authorize', pg_temp.after_login('{}', :'alice_here'), pg_temp.log_in(:'alice', '5 seconds'))), :'good', '... which a log-in satisfies');
SELECT is(pg_temp.told(pg_temp.ask('{"max_age": "900"}', :'alice_here')), :'good', '... and max_age overrides');
UPDATE oauth.clients SET default_max_age = NULL WHERE client_id = 'web';

-- Keys whose private half the test has, one of them the issuer's.
SELECT jwt.generate_key('ES256') AS own_key, jwt.generate_key('ES256') AS evil_key \gset
SELECT FROM jwt.import_key('https://auth.example.com', (:'own_key'::jsonb || '{"kid": "own"}')::text);
CREATE FUNCTION pg_temp.hint(subject text, key jsonb, header jsonb DEFAULT '{"typ": "JWT", "kid": "own"}', issuer text DEFAULT 'https://auth.example.com') RETURNS text
LANGUAGE sql AS $$SELECT jwt.sign(jsonb_build_object('iss', issuer, 'sub', subject, 'aud', 'web', 'iat', 999999000, 'exp', 1000000000), key, header => header)$$;
SELECT jwt.issue(jsonb_build_object('sub', :'alice', 'aud', 'web'), 'https://auth.example.com', type => 'JWT') AS hint,
       pg_temp.hint(:'alice', :'own_key') AS old_hint \gset
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', :'hint'), :'alice_here')), :'good', 'id_token_hint: the same user');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', :'old_hint'), :'alice_here')), :'good', '... by an ID token long expired (Core 1.0 3.1.2.1)');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', :'hint', 'prompt', 'none'), :'bob_here')), :'client' || 'login_required', '... another user');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', :'hint'), :'bob_here')), :'client' || 'login_required', '... who is not asked for ever');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', :'hint'))), :'login', '... nobody yet');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', :'hint', 'prompt', 'login'), :'bob_here')), :'login', '... or somebody who may change');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('id_token_hint', hint), :'alice_here')), :'client' || 'login_required', what)
FROM (VALUES
    ('a hint with alg none', oauth.base64url('{"alg":"none","typ":"JWT"}') || '.' || split_part(:'hint', '.', 2) || '.'),
    ('a hint whose signature is cut', left(:'hint', -4)),
    ('a hint signed by another key under our kid', pg_temp.hint(:'alice', :'evil_key')),
    ('a hint of another issuer', pg_temp.hint(:'alice', :'own_key', issuer => 'https://evil.example.com')),
    ('an access token as a hint', pg_temp.hint(:'alice', :'own_key', '{"typ": "at+jwt", "kid": "own"}')),
    ('a hint that is no JWT', 'alice')) AS attack (what, hint);
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('claims', jsonb_build_object('id_token', jsonb_build_object('sub', wish))::text), :'alice_here')), :'client' || told, what)
FROM (VALUES
    ('claims: this user', jsonb_build_object('value', :'alice'), 'code iss state'),
    ('... another', jsonb_build_object('value', :'bob'), 'login_required'),
    ('... one of two', jsonb_build_object('values', ARRAY[:'bob', :'alice']), 'code iss state'),
    ('... one of others', jsonb_build_object('values', ARRAY[:'bob']), 'login_required'),
    ('... nobody that can be', '{"value": 1}', 'login_required')) AS wanted (what, wish, told);

SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "pairwise", "scope": "openid"}', :'alice_here')), :'good', 'a client with pairwise subjects');
SELECT jwt.issue(jsonb_build_object('sub', p.pairwise_subject, 'aud', 'pairwise'), 'https://auth.example.com', type => 'JWT') AS pairwise_hint FROM oauth.pairwise_subjects AS p \gset
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'pairwise', 'scope', 'openid', 'id_token_hint', :'pairwise_hint'), :'alice_here')), :'good', '... hints at the subject it knows');
SELECT is(pg_temp.told(pg_temp.ask(jsonb_build_object('client_id', 'pairwise', 'scope', 'openid', 'id_token_hint', :'hint'), :'alice_here')), :'client' || 'login_required', '... and learns nothing of the one it does not');

-- ---------------------------------------------------------------------------
-- Consent is for scopes and resources, and no further

SELECT is(pg_temp.told(pg_temp.ask('{}', :'bob_here')), :'consent', 'no consent: asked');
SELECT is(pg_temp.told(pg_temp.ask('{"scope": "openid files:read"}', :'alice_here')), :'consent', 'a scope more: asked');
SELECT is(pg_temp.told(pg_temp.ask('{"resource": "https://files.example.com"}', :'alice_here')), :'consent', 'a resource more: asked');
SELECT is(pg_temp.told(pg_temp.ask('{"resource": "https://api.example.com"}', :'alice_here')), :'good', 'the resource consented to');
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "own"}', :'bob_here')), :'good', 'an application of the operator''s own does not ask');
UPDATE oauth.grants SET revoked_at = now() WHERE client_id = 'two';
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "two"}', :'alice_here')), :'consent', 'a consent taken back');
-- The user takes the consent back between the question and the answer.
SELECT is(pg_temp.told(oauth.authorize(NULL::oauth.request, i, oauth.read_authorization_request(i, oauth.parse_form(convert_to(pg_temp.query('{"client_id": "two"}'), 'UTF8'))), s)), :'client' || 'access_denied', '... at the last moment')
FROM oauth.issuers AS i JOIN oauth.login_sessions AS s USING (issuer_id) WHERE s.subject = :'alice' LIMIT 1;
UPDATE oauth.users SET enabled = false WHERE subject = :'bob';
SELECT is(pg_temp.told(pg_temp.ask('{"client_id": "own"}', :'bob_here')), :'login', 'a disabled user is nobody');
UPDATE oauth.users SET enabled = true WHERE subject = :'bob';

-- ---------------------------------------------------------------------------
-- A form of another site posts, without our cookie; its body holds what no
-- header may

SELECT pg_temp.post('/authorize', pg_temp.query('{"resource": ["https://api.example.com", "https://files.example.com"]}')) AS answer \gset
SELECT is((:'answer'::oauth.response).status, 303, 'a POST comes back as a GET (RFC 9700 4.12)');
SELECT matches(pg_temp.header(:'answer', 'location'), '^https://auth\.example\.com/authorize\?', '... to ourselves');
SELECT is(oauth.parse_form(convert_to(substring(pg_temp.header(:'answer', 'location') FROM '\?(.*)$'), 'UTF8')),
          oauth.parse_form(convert_to(pg_temp.query('{"resource": ["https://api.example.com", "https://files.example.com"]}'), 'UTF8')), '... with the same parameters');
SELECT is(pg_temp.told(pg_temp.get('/authorize', substring(pg_temp.header(pg_temp.post('/authorize', pg_temp.query('{}')), 'location') FROM '\?(.*)$'), :'alice_here')), :'good', '... and is answered then');
SELECT doesnt_match(pg_temp.header(pg_temp.post('/authorize', pg_temp.query('{}') || E'&x=a\r\nSet-Cookie: a=b'), 'location'), '[\r\n ]', 'no header within the header');
SELECT is(pg_temp.told(pg_temp.post('/authorize', pg_temp.query('{"scope": "admin"}'))), :'client' || 'invalid_scope', 'an error is told at once');
SELECT is(pg_temp.told(pg_temp.post('/authorize', pg_temp.query('{"redirect_uri": "https://evil.example.com"}'))), :'page', '... or shown');
SELECT is((pg_temp.post('/authorize', pg_temp.query('{}'), '{"content-type": "application/json"}')).status, 400, 'another content type');

-- ---------------------------------------------------------------------------
-- What is given, and what is kept of it

SELECT pg_temp.ask('{"scope": "openid notes:read offline_access"}', :'alice_here') AS answer \gset
SELECT pg_temp.parameter(:'answer', 'code') AS code \gset
SELECT matches(:'code'::text, '^[A-Za-z0-9_-]{43}$', 'the code: 256 bits');
SELECT is(pg_temp.header(:'answer', 'cache-control'), 'no-store', '... not to be stored on the way');
SELECT is(pg_temp.header(:'answer', 'referrer-policy'), 'no-referrer', '... nor told to the next site');
SELECT is((SELECT count(*) FROM oauth.authorization_codes AS c
           WHERE c.code_hash = oauth.hash_token(:'code')
             AND c.redirect_uri = 'https://app.example.com/cb' AND c.code_challenge = :'code_challenge' AND c.client_id = 'web' AND c.consumed_at IS NULL),
          1::bigint, '... bound to client, address and challenge');
SELECT is((SELECT count(*) FROM oauth.authorization_codes AS c
           WHERE c.code_hash = oauth.hash_token(:'code')
             AND c.expires_at BETWEEN clock_timestamp() + interval '30 seconds' AND clock_timestamp() + interval '60 seconds'),
          1::bigint, '... for a minute');
SELECT is((SELECT count(*)
           FROM oauth.authorization_codes AS c
           JOIN oauth.token_families AS f USING (issuer_id, family_id)
           JOIN oauth.grants AS g USING (issuer_id, grant_id)
           JOIN oauth.login_sessions AS s ON s.sid = f.sid
           WHERE c.code_hash = oauth.hash_token(:'code')
             AND f.subject = :'alice' AND f.scopes = '{openid,notes:read,offline_access}' AND f.nonce = 'n-0S6' AND f.auth_time = s.auth_time
             AND f.amr = '{pwd}' AND s.subject = f.subject AND g.subject = f.subject AND g.client_id = 'web'),
          1::bigint, '... of a family that knows user, scopes, nonce, session and consent');
UPDATE oauth.issuers SET refresh_token_lifetime = '20 days';
SELECT pg_temp.parameter(pg_temp.ask('{"scope": "openid notes:read offline_access"}', :'alice_here'), 'code') AS offline, pg_temp.parameter(pg_temp.ask('{}', :'alice_here'), 'code') AS online \gset
SELECT is((SELECT date_trunc('hour', f.expires_at - f.created_at) FROM oauth.token_families AS f JOIN oauth.authorization_codes AS c USING (issuer_id, family_id) WHERE c.code_hash = oauth.hash_token(v.code)), v.life, '... ' || v.what)
FROM (VALUES (:'offline', interval '20 days', 'which refresh tokens carry on for their lifetime, and no longer'),
             (:'online', '1 day', 'or, without them, is remembered for a day, in which a replay is seen')) AS v (code, life, what);
UPDATE oauth.issuers SET refresh_token_lifetime = '90 days';
SELECT is((SELECT count(*) FROM oauth.audit AS a JOIN oauth.authorization_codes AS c ON a.detail ->> 'family_id' = c.family_id::text
           WHERE c.code_hash = oauth.hash_token(:'code') AND a.event = 'authorized' AND a.subject = :'alice' AND a.client_id = 'web'), 1::bigint, '... written down');

-- Another user of the same application has allowed it as well.
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes, resources) SELECT :issuer_id, :'bob', 'web', '{openid,notes:read}', '{https://api.example.com}';
SELECT is(pg_temp.told(pg_temp.ask('{}', :'bob_here')), :'good', 'two users have consented');
SELECT is((SELECT count(*) FROM oauth.token_families AS f JOIN oauth.grants AS g USING (issuer_id, grant_id) WHERE f.subject = :'bob' AND f.client_id = 'web' AND g.subject = :'bob'), 1::bigint, '... and what comes of it hangs on the consent of each');

CREATE TEMP TABLE given AS
SELECT type, pg_temp.ask(jsonb_build_object('client_id', 'legacy', 'response_type', type, 'scope', 'openid email notes:read'), :'alice_here') AS answer
FROM unnest('{token,id_token,id_token token,token id_token,code id_token,code token,code id_token token}'::text[]) AS type;
SELECT is(pg_temp.told(g.answer), 'https://app.example.com/cb#' || names, format('response_type "%s"', type))
FROM given AS g
JOIN (VALUES
    ('token', 'access_token expires_in iss scope state token_type'),
    ('id_token', 'id_token iss state'),
    ('id_token token', 'access_token expires_in id_token iss scope state token_type'),
    ('token id_token', 'access_token expires_in id_token iss scope state token_type'),
    ('code id_token', 'code id_token iss state'),
    ('code token', 'access_token code expires_in iss scope state token_type'),
    ('code id_token token', 'access_token code expires_in id_token iss scope state token_type')) AS v (type, names) USING (type)
ORDER BY type COLLATE "C";
SELECT ok(jwt.verify(pg_temp.parameter(g.answer, 'access_token'), jwt.jwks('https://auth.example.com'), type => 'at+jwt', audience => '{https://api.example.com}') ->> 'scope' = 'openid email notes:read'
          AND pg_temp.parameter(g.answer, 'token_type') = 'Bearer' AND pg_temp.parameter(g.answer, 'expires_in') = '600', format('the access token of "%s"', type))
FROM given AS g WHERE g.type ~ '\mtoken\M' ORDER BY type COLLATE "C";
SELECT is(jwt.verify(pg_temp.parameter(g.answer, 'id_token'), jwt.jwks('https://auth.example.com'), type => 'JWT', audience => '{legacy}') - '{iss,aud,iat,exp,jti,auth_time,amr,sid}'::text[],
          jsonb_strip_nulls(jsonb_build_object('sub', :'alice', 'nonce', 'n-0S6',
              'email', CASE type WHEN 'id_token' THEN 'alice@example.com' END,
              -- Core 1.0 3.2.2.9, 3.3.2.11; RS256 and ES256 go with SHA-256
              'at_hash', oauth.base64url(substr(sha256(convert_to(pg_temp.parameter(g.answer, 'access_token'), 'UTF8')), 1, 16)),
              'c_hash', oauth.base64url(substr(sha256(convert_to(pg_temp.parameter(g.answer, 'code'), 'UTF8')), 1, 16)))), format('the ID token of "%s"', type))
FROM given AS g WHERE g.type ~ 'id_token' ORDER BY type COLLATE "C";
SELECT is((SELECT array_agg(a.event ORDER BY a.detail ->> 'response_type' COLLATE "C") FROM oauth.audit AS a WHERE a.client_id = 'legacy' AND a.event ~ '^authorized'),
          '{authorized,authorized_legacy,authorized_legacy,authorized_legacy,authorized_legacy,authorized_legacy,authorized_legacy}', 'what shows a token to the browser is written down as legacy (RFC 9700 2.1.2)');

SELECT is((SELECT count(*) FROM oauth.audit AS a
           WHERE strpos(a::text, :'code') > 0 OR EXISTS (SELECT FROM given AS g WHERE strpos(a::text, pg_temp.parameter(g.answer, 'access_token')) > 0)), 0::bigint, 'the audit holds no code and no token');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
DELETE FROM oauth.audit;
DELETE FROM jwt.issuers WHERE issuer = 'https://auth.example.com';

SELECT * FROM finish();
