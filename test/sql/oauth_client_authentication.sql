\i test/tap.psql
-- Client authentication (RFC 6749 2.3, RFC 7523), seen through /token.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT jwt.generate_key('ES256') AS key, jwt.generate_key('ES256') AS stranger \gset
SELECT client_secret AS basic_secret FROM oauth.create_client('Basic', client_id => 'a-b_c', grant_types => '{client_credentials}', scopes => '{}') \gset
SELECT client_secret AS post_secret FROM oauth.create_client('Post', client_id => 'post', grant_types => '{client_credentials}', scopes => '{}', token_endpoint_auth_method => 'client_secret_post') \gset
SELECT client_id FROM oauth.create_client('Key', client_id => 'key', grant_types => '{client_credentials}', scopes => '{}', token_endpoint_auth_method => 'private_key_jwt',
    jwks => jsonb_build_object('keys', jsonb_build_array(jwt.public_key(:'key')))) \gset
SELECT client_id FROM oauth.create_client('Public', '{https://app.example.com/cb}', client_id => 'public', token_endpoint_auth_method => 'none') \gset

CREATE FUNCTION pg_temp.ask(form text, headers jsonb DEFAULT '{}', query text DEFAULT '') RETURNS oauth.response LANGUAGE sql AS $$
    -- each from an address of its own, so that none is kept waiting for another
    SELECT oauth.handle(ROW(NULL, 'POST', '/token', query, '{"content-type": "application/x-www-form-urlencoded"}'::jsonb || headers,
        convert_to(concat_ws('&', 'grant_type=client_credentials', nullif(form, '')), 'UTF8'),
        format('2001:db8:%s:%s::1', to_hex((random() * 65535)::integer), to_hex((random() * 65535)::integer))::inet, NULL)::oauth.request)
$$;
CREATE FUNCTION pg_temp.answer(response oauth.response) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', response.status, pg_temp.json(response) ->> 'error')
$$;
CREATE FUNCTION pg_temp.raw_basic(pair text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('authorization', 'Basic ' || replace(encode(convert_to(pair, 'UTF8'), 'base64'), E'\n', ''))
$$;

-- ---------------------------------------------------------------------------
-- client_secret_basic

SELECT is((pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))).status, 200, 'client_secret_basic');
SELECT is((pg_temp.ask('', pg_temp.raw_basic('a%2Db%5fc:' || replace(:'basic_secret', '-', '%2D')))).status, 200, '... its halves form-encoded (RFC 6749 2.3.1)');
SELECT is((pg_temp.ask('', jsonb_build_object('authorization', 'bAsIc' || substr(pg_temp.raw_basic('a-b_c:' || :'basic_secret') ->> 'authorization', 6)))).status, 200, '... the scheme in any case');
SELECT is((pg_temp.ask('client_id=a-b_c', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))).status, 200, '... client_id as well');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))), '400 invalid_request', '... but not another one''s');
SELECT is(pg_temp.answer(pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || left(:'basic_secret', -1)))), '401 invalid_client', 'a wrong secret');
SELECT matches(pg_temp.header(pg_temp.ask('', pg_temp.raw_basic('a-b_c:x')), 'www-authenticate'), '^Basic realm="https://auth.example.com"', '... is answered with a challenge');
SELECT is(pg_temp.header(pg_temp.ask('client_id=post&client_secret=x'), 'www-authenticate'), NULL, '... only where Authorization was used');
SELECT is(pg_temp.header(pg_temp.ask('', pg_temp.raw_basic('a-b_c:x')), 'cache-control'), 'no-store', '... which is not to be stored');
SELECT is(pg_temp.answer(pg_temp.ask('', jsonb_build_object('authorization', a))), '401 invalid_client', 'malformed: ' || a)
FROM unnest(ARRAY['', 'Basic', 'Basic ', 'Basic !', 'Basic YQ', 'Basic YTpi YTpi', 'Basic Og==', 'Basic YTr/', 'Basic YToA', 'Bearer YTpi', 'Basic YT1iJmM6ZA==', 'Basic YSUwMDpi', 'Basic YSVGRjpi']) AS a;
-- ... which some gateways make a list of, if it comes twice: passed over, another way to authenticate would be good beside it
SELECT is(pg_temp.answer(pg_temp.ask('', jsonb_build_object('authorization', a))), '401 invalid_client', format('malformed: %s', a)) FROM unnest('{"[]", "{}", "1", "false", "[\"Basic YTpi\", \"Basic YTpj\"]"}'::jsonb[]) AS a;
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post&client_secret=' || :'post_secret', jsonb_build_object('authorization', a))), expected, format('%s and the right secret', a))
FROM (VALUES ('["Basic YTpi"]'::jsonb, '400 invalid_request'), ('""', '400 invalid_request'), ('null', '200')) AS v (a, expected);

-- ... where a client is named elsewhere too
SELECT is(pg_temp.answer(pg_temp.ask('client_id=a-b_c', '{"authorization": "Basic !"}')), '401 invalid_client', 'malformed, and a client_id');
SELECT is(pg_temp.answer(pg_temp.ask('', jsonb_build_object('authorization', replace(pg_temp.raw_basic('a-b_c:' || :'basic_secret') ->> 'authorization', 'Basic', scheme)))), '401 invalid_client', 'the right secret, but of the scheme ' || scheme) FROM unnest('{Bearer,xasic,Basi}'::text[]) AS scheme;
SELECT is(pg_temp.answer(oauth.handle(ROW(NULL, 'POST', '/revoke', NULL, headers, NULL, NULL, NULL)::oauth.request)), '401 invalid_client', format('no body and no query; headers: %s', coalesce(headers, 'null')))
FROM (VALUES (NULL::jsonb), ('["authorization"]'), ('["authorization", "Basic YTpi"]'), ('"authorization"'), ('null')) AS v (headers);
SELECT is(oauth.presented_credentials(ROW(NULL, 'POST', '/revoke', NULL, headers, NULL, NULL, NULL)::oauth.request, '{}'), '(none,,,)'::oauth.client_credentials, format('no header is in %s', coalesce(headers, 'null')))
FROM (VALUES (NULL::jsonb), ('{}'), ('[]'), ('["authorization"]'), ('["authorization", "Basic YTpi"]'), ('"authorization"')) AS v (headers);

CREATE FUNCTION pg_temp.read_basic(header text) RETURNS text LANGUAGE sql AS $$
    SELECT ARRAY[p.client_id, p.secret]::text
    FROM oauth.presented_credentials(ROW(NULL, 'POST', '/token', '', jsonb_build_object('authorization', 'Basic ' || header), '', NULL, NULL)::oauth.request, '{}') AS p
$$;
SELECT is(pg_temp.read_basic(header), expected, 'read from ' || header)
FROM (VALUES
    ('YTpi', '{a,b}'), ('  YTpi  ', '{a,b}'), ('YTpiOmM=', '{a,b:c}'), ('YTpiOmM', '{a,b:c}'), ('YSUzQTo=', '{a:,NULL}'),
    ('Yjo-Pz8_', '{NULL,NULL}'), ('Yjo+Pz8/', '{b,>???}'), ('YTpiYw=A', '{NULL,NULL}'), ('YTpi YQ', '{NULL,NULL}'),
    ('OmI=', '{NULL,NULL}'), ('YQ==', '{NULL,NULL}'), ('YTpiJmM=', '{a,NULL}'), ('YTplIQB4', '{a,NULL}'), ('YTrDvA==', '{a,NULL}'),
    ('YTpi===', '{NULL,NULL}'), ('YQliOmM=', '{NULL,NULL}'), ('YTpiCWM=', '{a,NULL}'), ('YT1iOmM=', '{NULL,NULL}'), ('YTpiPWM=', '{a,NULL}'),
    ('YTolMDA=', '{a,NULL}'), ('YTor', '{a," "}')
) AS v (header, expected);
SELECT is(pg_temp.read_basic(oauth.base64url(convert_to('client:' || repeat('s', n), 'UTF8'))), expected, format('a secret of %s bytes', n))
FROM (VALUES (49140, '{client,' || repeat('s', 49140) || '}'), (49141, '{NULL,NULL}')) AS t(n, expected);

-- ---------------------------------------------------------------------------
-- client_secret_post

SELECT is((pg_temp.ask('client_id=post&client_secret=' || :'post_secret')).status, 200, 'client_secret_post');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post&client_secret=' || :'basic_secret')), '401 invalid_client', 'another client''s secret');
SELECT is(pg_temp.answer(pg_temp.ask('client_secret=' || :'post_secret')), '401 invalid_client', 'a secret without client_id');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post')), '401 invalid_client', 'no secret');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post&client_secret=')), '401 invalid_client', 'an empty secret');
SELECT is(pg_temp.answer(pg_temp.ask('')), '401 invalid_client', 'no client at all');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post', query => 'client_secret=' || :'post_secret')), '400 invalid_request', 'a secret in the query');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post&client_secret=' || :'post_secret', query => 'foo=bar')), '400 invalid_request', 'anything in the query');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post&client_secret=' || :'post_secret', '{"content-type": "application/json"}')), '400 invalid_request', 'another content type');

-- ---------------------------------------------------------------------------
-- One method, and the registered one

SELECT is(pg_temp.answer(pg_temp.ask('client_id=a-b_c&client_secret=' || :'basic_secret', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))), '400 invalid_request', 'two methods');
SELECT is(pg_temp.answer(pg_temp.ask('client_assertion=x', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))), '400 invalid_request', 'two methods, one of them an assertion');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=post&client_assertion_type=x&client_secret=' || :'post_secret')), '400 invalid_request', 'two methods in the form');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=a-b_c&client_secret=' || :'basic_secret')), '401 invalid_client', 'post, where basic is registered');
SELECT is(pg_temp.answer(pg_temp.ask('', pg_temp.raw_basic('post:' || :'post_secret'))), '401 invalid_client', 'basic, where post is registered');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=a-b_c')), '401 invalid_client', 'none, where basic is registered');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=public&client_secret=x')), '401 invalid_client', 'a secret, where none is registered');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=public')), '400 unauthorized_client', 'a public client names itself, and may not use this grant');

-- Who tries out client ids learns nothing.
SELECT is(pg_temp.ask('', pg_temp.raw_basic('nobody:' || :'basic_secret')), pg_temp.ask('', pg_temp.raw_basic('a-b_c:wrong')), 'unknown client and wrong secret: the same answer, basic');
SELECT is(pg_temp.ask('client_id=nobody&client_secret=x'), pg_temp.ask('client_id=post&client_secret=x'), '... post');
SELECT is(pg_temp.ask('client_id=nobody'), pg_temp.ask('client_id=post'), '... none');

-- ---------------------------------------------------------------------------
-- Two secrets, which end

SELECT oauth.rotate_client_secret('a-b_c', old_expires_in => '1 hour', expires_in => '2 hours') AS new_secret \gset
SELECT is((pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || :'new_secret'))).status, 200, 'the new secret');
SELECT is((pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))).status, 200, '... and the old one');
UPDATE oauth.client_secrets SET expires_at = clock_timestamp() WHERE client_id = 'a-b_c' AND slot = 1;
SELECT is(pg_temp.answer(pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || :'basic_secret'))), '401 invalid_client', 'the old one has expired');
SELECT is((pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || :'new_secret'))).status, 200, '... the new one has not');
UPDATE oauth.clients SET enabled = false WHERE client_id = 'a-b_c';
SELECT is(pg_temp.answer(pg_temp.ask('', pg_temp.raw_basic('a-b_c:' || :'new_secret'))), '401 invalid_client', 'the client is disabled');
UPDATE oauth.clients SET enabled = true;
SELECT is((SELECT count(*) FROM oauth.client_secrets AS s WHERE s::text ~ :'new_secret'), 0::bigint, 'no secret is stored as it is');
SELECT is((SELECT count(*) FROM oauth.client_secrets AS s WHERE s.secret_hash = sha256(:'new_secret')), 1::bigint, '... but as SHA-256');
SELECT matches(s, '^[A-Za-z0-9_-]{43}$', 'a secret has 256 random bits') FROM unnest(ARRAY[:'basic_secret', :'post_secret', :'new_secret']) AS s;
-- client_secret_jwt would need the secret itself.
SELECT throws_ok(format('SELECT oauth.create_client(''x'', token_endpoint_auth_method => %L)', m), '23514', NULL, 'off: ' || m) FROM unnest('{client_secret_jwt,tls_client_auth,"",NONE}'::text[]) AS m;
SELECT is(pg_temp.answer(pg_temp.ask('client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion='
    || jwt.sign(jsonb_build_object('iss', c, 'sub', c, 'aud', 'https://auth.example.com', 'jti', gen_random_uuid(), 'exp', extract(epoch FROM now())::bigint + 60), s, 'HS256'))), '401 invalid_client', '... for ' || c)
FROM (VALUES ('a-b_c', :'new_secret'), ('post', :'post_secret')) AS v (c, s);

-- ---------------------------------------------------------------------------
-- private_key_jwt (RFC 7523 3)

CREATE FUNCTION pg_temp.claims(change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('iss', 'key', 'sub', 'key', 'aud', 'https://auth.example.com', 'jti', gen_random_uuid(),
        'exp', extract(epoch FROM now())::bigint + 60) || change)
$$;
CREATE FUNCTION pg_temp.assert(assertion text, more text DEFAULT 'client_id=key') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.answer(pg_temp.ask('client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion='
        || assertion || coalesce('&' || nullif(more, ''), '')))
$$;

SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'key'::jsonb)), '200', 'private_key_jwt');
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'key'::jsonb), ''), '200', '... client_id from the assertion');
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims('{"aud": ["https://auth.example.com"]}'), :'key'::jsonb)), '200', '... aud a list of one');
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims('{"exp": 1}') || jsonb_build_object('exp', extract(epoch FROM now())::bigint + 590), :'key'::jsonb)), '200', '... almost ten minutes ahead');
SELECT is(pg_temp.assert(jwt.jws_sign(convert_to(pg_temp.claims(change::jsonb)::text, 'UTF8'), :'key'::jsonb)), '401 invalid_client', 'refused: ' || change)
FROM unnest(ARRAY['{"iss": "public"}', '{"iss": null}', '{"sub": "post"}', '{"sub": null}', '{"aud": "https://auth.example.com/token"}', '{"aud": null}',
                  '{"aud": ["https://auth.example.com", "https://other.example"]}', '{"aud": "https://auth.example.com/"}', '{"jti": null}', '{"jti": 1}',
                  '{"exp": null}', '{"exp": 1}', '{"exp": 99999999999}', '{"exp": 1e26}', '{"exp": "1"}']) AS change;
-- The client's clock is ahead of ours, or behind.
SELECT is(pg_temp.assert(jwt.jws_sign(convert_to((pg_temp.claims() || jsonb_build_object(claim, extract(epoch FROM clock_timestamp())::bigint + ahead))::text, 'UTF8'), :'key'::jsonb)), answer, format('%s, %s seconds from now', claim, ahead))
FROM (VALUES ('iat', 8, '200'), ('nbf', 8, '200'), ('iat', 61, '401 invalid_client'), ('nbf', 61, '401 invalid_client'), ('iat', 86400, '401 invalid_client'), ('exp', -8, '200'), ('exp', -61, '401 invalid_client')) AS v (claim, ahead, answer);
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'stranger'::jsonb)), '401 invalid_client', 'another key');
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'key'::jsonb), 'client_id=post'), '401 invalid_client', 'client_id of another client');
SELECT is(pg_temp.assert('x'), '401 invalid_client', 'no JWT');
SELECT is(pg_temp.assert(''), '401 invalid_client', 'nothing');
SELECT is(pg_temp.answer(pg_temp.ask('client_id=key&client_assertion=' || jwt.sign(pg_temp.claims(), :'key'::jsonb) || coalesce('&client_assertion_type=' || t, ''))), '401 invalid_client', 'type: ' || coalesce(t, 'none'))
FROM unnest(ARRAY[NULL, 'x', 'urn:ietf:params:oauth:client-assertion-type:JWT-bearer', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer']) AS t;
-- The attacker knows the public key and takes it for an HMAC secret, or needs none.
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), encode(sha256(jwt.public_key(:'key')::text::bytea), 'hex'), 'HS256')), '401 invalid_client', 'an HMAC of the public key');
SELECT is(pg_temp.assert(oauth.base64url('{"alg":"none"}') || '.' || oauth.base64url(convert_to(pg_temp.claims()::text, 'UTF8')) || '.'), '401 invalid_client', 'alg none');
-- ... or has caught what the client has signed for something else.
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'key'::jsonb, header => jsonb_build_object('typ', t))), '200', 'typ: ' || t)
FROM unnest(ARRAY['JWT', 'jwt', 'client-authentication+jwt', 'application/Client-Authentication+JWT']) AS t;
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'key'::jsonb, header => jsonb_build_object('typ', t))), '401 invalid_client', 'typ: ' || t)
FROM unnest(ARRAY['at+jwt', 'dpop+jwt', 'logout+jwt', 'oauth-authz-req+jwt', 'jwt2', 'x-client-authentication+jwt']) AS t;

-- ... or has caught an assertion.
SELECT jwt.sign(pg_temp.claims(), :'key'::jsonb) AS assertion \gset
SELECT is(pg_temp.assert(:'assertion'), '200', 'an assertion');
SELECT is(pg_temp.assert(:'assertion'), '401 invalid_client', '... works once (RFC 7523 3, jti)');
SELECT oauth.purge() \g /dev/null
SELECT is(pg_temp.assert(:'assertion'), '401 invalid_client', '... after a purge too');
UPDATE oauth.clients SET token_endpoint_auth_method = 'client_secret_basic' WHERE client_id = 'key';
SELECT is(pg_temp.assert(jwt.sign(pg_temp.claims(), :'key'::jsonb)), '401 invalid_client', 'where another method is registered');

-- ---------------------------------------------------------------------------
-- Another issuer's client, of the same name or not: a tenant who would be another's

SELECT oauth.create_issuer('https://other.example.com') AS other_id \gset
SELECT client_secret AS other_secret FROM oauth.create_client('Same', client_id => 'post', grant_types => '{client_credentials}', scopes => '{}', token_endpoint_auth_method => 'client_secret_post', issuer => 'https://other.example.com') \gset
SELECT client_secret AS stranger_secret FROM oauth.create_client('Stranger', client_id => 'stranger', grant_types => '{client_credentials}', scopes => '{}', token_endpoint_auth_method => 'client_secret_post', issuer => 'https://other.example.com') \gset
CREATE FUNCTION pg_temp.at(issuer text, client_id text, secret text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.answer(oauth.handle(ROW(issuer, 'POST', '/token', '', '{"content-type": "application/x-www-form-urlencoded"}',
        convert_to(format('grant_type=client_credentials&client_id=%s&client_secret=%s', client_id, secret), 'UTF8'), '198.51.100.7', NULL)::oauth.request))
$$;
SELECT is(pg_temp.at(issuer, client_id, secret), expected, format('%s at %s', client_id, issuer))
FROM (VALUES
    ('https://auth.example.com', 'post', :'post_secret', '200'), ('https://other.example.com', 'post', :'other_secret', '200'),
    ('https://auth.example.com', 'post', :'other_secret', '401 invalid_client'), ('https://other.example.com', 'post', :'post_secret', '401 invalid_client'),
    ('https://other.example.com', 'stranger', :'stranger_secret', '200'), ('https://auth.example.com', 'stranger', :'stranger_secret', '401 invalid_client')
) AS v (issuer, client_id, secret, expected);
UPDATE oauth.issuers SET enabled = false WHERE issuer_id = :other_id;

-- ---------------------------------------------------------------------------
-- Failures are counted by address

-- ... and apart from people's, who share it
SELECT oauth.count_failure(:issuer_id, kind, oauth.throttle_address('192.0.2.1')) FROM unnest('{address,user_code}'::text[]) AS kind, generate_series(1, 40) \g /dev/null
SELECT is((SELECT string_agg((pg_temp.post('/token', 'grant_type=client_credentials&client_id=c' || n || '&client_secret=x')).status::text, ' ') FROM generate_series(1, 8) AS n),
          '401 401 401 401 401 429 429 429', 'after five failures an address is told to wait');
SELECT matches(pg_temp.header(pg_temp.post('/token', 'grant_type=client_credentials&client_id=post&client_secret=x'), 'retry-after'), '^\d+$', '... how long');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'client_authentication_failed' AND remote_addr = '192.0.2.1'), 5::bigint, '... and no longer fills the audit trail');
SELECT is((SELECT failures FROM oauth.throttle WHERE kind = 'client' AND id_hash = oauth.hash_token('192.0.2.1')), 5, '... or keeps the counter busy');
-- An attacker's machine has 2^64 addresses (RFC 6177 2).
SELECT is((SELECT string_agg((oauth.handle(ROW(NULL, 'POST', '/token', '', '{"content-type": "application/x-www-form-urlencoded"}',
              convert_to('grant_type=client_credentials&client_id=post&client_secret=x', 'UTF8'), '2001:db8:1:2::'::inet + n, NULL)::oauth.request)).status::text, ' ')
           FROM generate_series(1, 7) AS n), '401 401 401 401 401 429 429', 'addresses of one IPv6 network count as one');
SELECT is((pg_temp.post('/token', 'grant_type=client_credentials&client_id=post&client_secret=' || :'post_secret')).status, 200, 'nobody is kept from the right secret');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ :'basic_secret' OR a::text ~ :'post_secret' OR a::text ~ split_part(:'assertion', '.', 3)), 0::bigint, 'no secret in the audit trail');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');

SELECT * FROM finish();
ROLLBACK;
