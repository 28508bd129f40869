\i test/tap.psql
-- jwt.verify(token): the iss claim picks a row of jwt.issuers, and that row the
-- keys and the terms.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION verdict(token text, options text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.verify(%L::text %s)', token, options))).code, 'ok')
$$;

-- Three issuers: our own, a foreign one known by its JWKS, one we share a secret with.
SELECT jwt.create_issuer('https://own.example') AS own_kid \gset
CREATE FUNCTION foreign_key(name text) RETURNS jsonb LANGUAGE sql STABLE
RETURN CASE name
    WHEN 'ec' THEN rfc_key('RFC 7515 A.3') || '{"kid":"ec"}'
    WHEN 'ed' THEN rfc_key('RFC 8037 A.4') || '{"kid":"ed"}'
    WHEN 'rsa' THEN rfc_key('RFC 7515 A.2') || '{"kid":"rsa"}' END;
CREATE FUNCTION jwks(VARIADIC names text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('keys', jsonb_agg(jwt.public_key(foreign_key(name)) ORDER BY i)) FROM unnest(names) WITH ORDINALITY AS n(name, i)
$$;
SELECT jwt.trust_issuer('https://foreign.example', jwks => jwks('ec', 'ed')) \g /dev/null
SELECT jwt.trust_issuer('https://shared.example', secret => secret()) \g /dev/null

-- A token of the foreign issuer, with nothing wrong unless the arguments put it in.
CREATE FUNCTION foreign_token(claims jsonb DEFAULT '{}', key text DEFAULT 'ec', header jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT jwt.sign(jsonb_build_object('iss', 'https://foreign.example', 'exp', at('1h')) || claims, foreign_key(key), header => header)
$$;

SELECT is(jwt.verify(jwt.issue('{"sub": "alice"}', 'https://own.example')) - 'iat' - 'exp' - 'jti', '{"iss": "https://own.example", "sub": "alice"}', 'our own issuer');
SELECT is((jwt.decode(jwt.issue('{}', 'https://own.example'))).header, format('{"alg": "ES256", "typ": "JWT", "kid": "%s"}', :'own_kid')::jsonb, 'its key''s kid is in the header');
SELECT is(verdict(foreign_token()), 'ok', 'a foreign issuer');
SELECT is(verdict(foreign_token(key => 'ed')), 'ok', 'its other key');
SELECT is(verdict(token(format('{"iss":"https://shared.example","exp":%s}', at('1h')))), 'ok', 'a shared secret');

-- ---------------------------------------------------------------------------
-- Who it is from

SELECT is(verdict(foreign_token(claims)), expected, format('iss: %s', claims))
FROM (VALUES
    ('{"iss":"https://nobody.example"}'::jsonb, 'JW015'),
    ('{"iss":"https://foreign.example/"}', 'JW015'),
    ('{"iss":"HTTPS://foreign.example"}', 'JW015'),
    ('{"iss":""}', 'JW015'),
    ('{"iss":null}', 'JW015'),
    ('{"iss":1}', 'JW020'),
    ('{"iss":["https://foreign.example"]}', 'JW020'),
    ('{"iss":"https://own.example"}', 'JW006'),
    ('{"iss":"''; DROP TABLE jwt.issuers; --"}', 'JW015')
) AS t(claims, expected);
SELECT is(verdict(jwt.sign(jsonb_build_object('exp', at('1h')), foreign_key('ec'))), 'JW015', 'no iss at all');
SELECT is((refusal(format('SELECT jwt.verify(%L)', foreign_token(jsonb_build_object('iss', repeat('y', 1000)))))).detail,
    format('jwt.issuers has no enabled row for "%s".', repeat('y', 200)), 'whose name is told, cut to size');

-- An issuer's key speaks for that issuer alone
SELECT is(verdict(jwt.sign(jsonb_build_object('iss', 'https://own.example', 'exp', at('1h')), foreign_key('ec') || jsonb_build_object('kid', :'own_kid'))),
    'JW007', 'the foreign key under our own kid');
SELECT is(verdict(jwt.sign(jsonb_build_object('iss', 'https://shared.example', 'exp', at('1h')), foreign_key('ec'))), 'JW003',
    'the foreign key for the issuer with the secret');
SELECT is(verdict(token(format('{"iss":"https://foreign.example","exp":%s}', at('1h')))), 'JW003', 'the secret for the issuer with keys');
SELECT is(verdict(forge('{"alg":"HS256","kid":"ec"}', format('{"iss":"https://foreign.example","exp":%s}', at('1h'))), ', algorithms => ''{HS256}'''), 'JW003',
    'not even when the caller would allow HS256');

-- kid selects among an issuer's keys
SELECT is(verdict(foreign_token(key => 'ec', header => header)), expected, format('kid: %s', header))
FROM (VALUES ('{"kid":"ec"}'::jsonb, 'ok'), ('{"kid":"ed"}', 'JW036'), ('{"kid":"x"}', 'JW006'), ('{"kid":""}', 'JW006')) AS t(header, expected);
SELECT is(verdict(jwt.sign(jsonb_build_object('iss', 'https://foreign.example', 'exp', at('1h')), foreign_key('ec') - 'kid')), 'ok', 'no kid: the keys that fit are tried');

-- ---------------------------------------------------------------------------
-- The row's terms

-- algorithms
UPDATE jwt.issuers SET algorithms = '{EdDSA}' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(foreign_token(key => 'ec')), 'JW003', 'algorithms of the row: not among them');
SELECT is(verdict(foreign_token(key => 'ed')), 'ok', 'algorithms of the row: among them');
SELECT is(verdict(foreign_token(key => 'ec'), ', algorithms => ''{ES256}'''), 'JW003', 'the caller cannot widen them');
SELECT is(verdict(foreign_token(key => 'ed'), ', algorithms => ''{ES256}'''), 'JW003', 'but narrow them');
UPDATE jwt.issuers SET algorithms = '{EdDSA,ES256}' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(foreign_token(key => 'ec'), ', algorithms => ''{ES256}'''), 'ok', 'both allow it');
SELECT is(verdict(foreign_token(key => 'ed'), ', algorithms => ''{ES256}'''), 'JW003', 'only the row allows it');
UPDATE jwt.issuers SET algorithms = NULL WHERE issuer = 'https://foreign.example';

-- audience: the row's and the caller's, both
UPDATE jwt.issuers SET audience = '{api,web}' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(foreign_token(claims), options), expected, format('audience of the row {api,web}, %s, token %s', options, claims))
FROM (VALUES
    ('{"aud":"api"}'::jsonb, '', 'ok'),
    ('{"aud":["x","web"]}', '', 'ok'),
    ('{"aud":"x"}', '', 'JW016'),
    ('{}', '', 'JW016'),
    ('{"aud":[]}', '', 'JW016'),
    ('{"aud":"x"}', ', audience => ''{x}''', 'JW016'),
    ('{"aud":"api"}', ', audience => ''{x}''', 'JW016'),
    ('{"aud":["api","x"]}', ', audience => ''{x}''', 'ok'),
    ('{"aud":"api"}', ', audience => ''{api}''', 'ok'),
    ('{"aud":"web"}', ', audience => ''{api}''', 'JW016')
) AS t(claims, options, expected);
UPDATE jwt.issuers SET audience = NULL WHERE issuer = 'https://foreign.example';
SELECT is(verdict(foreign_token('{"aud":"x"}')), 'ok', 'no audience in the row: any');
SELECT is(verdict(foreign_token('{"aud":"x"}'), ', audience => ''{api}'''), 'JW016', 'no audience in the row: the caller''s');

-- type
UPDATE jwt.issuers SET type = 'at+jwt' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(foreign_token(header => header), options), expected, format('type of the row at+jwt, %s, header %s', options, header))
FROM (VALUES
    ('{"typ":"at+jwt"}'::jsonb, '', 'ok'),
    ('{"typ":"application/AT+JWT"}', '', 'ok'),
    ('{"typ":"JWT"}', '', 'JW018'),
    ('{"typ":"JWT"}', ', type => ''JWT''', 'JW018'),
    ('{"typ":"at+jwt"}', ', type => ''JWT''', 'JW018'),
    ('{"typ":"at+jwt"}', ', type => ''at+jwt''', 'ok')
) AS t(header, options, expected);
UPDATE jwt.issuers SET type = NULL WHERE issuer = 'https://foreign.example';

-- required claims: exp unless the row says otherwise
SELECT is(verdict(jwt.sign('{"iss": "https://foreign.example"}', foreign_key('ec'))), 'JW019', 'a token without exp is refused by default');
SELECT is(verdict(token('{"iss":"https://shared.example","exp":null}')), 'JW020', 'and one whose exp is null');
UPDATE jwt.issuers SET required_claims = '{sub}' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(jwt.sign('{"iss": "https://foreign.example", "sub": "a"}', foreign_key('ec'))), 'ok', 'required by the row: sub, not exp');
SELECT is(verdict(foreign_token()), 'JW019', 'required by the row: sub, which is missing');
SELECT is(verdict(foreign_token('{"sub":"a"}'), ', required_claims => ''{jti}'''), 'JW019', 'the caller requires more');
SELECT is(verdict(foreign_token('{"jti":"1"}'), ', required_claims => ''{jti}'''), 'JW019', 'the caller requires other ones, and the row''s stay');
SELECT is(verdict(foreign_token('{"sub":"a","jti":"1"}'), ', required_claims => ''{jti}'''), 'ok', 'both are there');
UPDATE jwt.issuers SET required_claims = '{exp}' WHERE issuer = 'https://foreign.example';

-- leeway: the row's, unless the caller names one
SELECT is(verdict(foreign_token(jsonb_build_object('exp', at(distance::interval))), options), expected, format('exp %s, leeway 10 s by default%s', distance, options))
FROM (VALUES
    ('-8s', '', 'ok'),
    ('-11s', '', 'JW010'),
    ('-8s', ', leeway => ''0''', 'JW010'),
    ('-20s', ', leeway => ''30s''', 'ok')
) AS t(distance, options, expected);
SET LOCAL oauth_jwt.leeway = '5min';
SELECT is(verdict(foreign_token(jsonb_build_object('exp', at('-11s')))), 'JW010', 'oauth_jwt.leeway is for keys at hand only');
RESET oauth_jwt.leeway;
UPDATE jwt.issuers SET leeway = '2 minutes' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(foreign_token(jsonb_build_object('exp', at('-119s')))), 'ok', 'leeway of the row: within');
SELECT is(verdict(foreign_token(jsonb_build_object('exp', at('-121s')))), 'JW010', 'leeway of the row: beyond');
SELECT is(verdict(foreign_token(jsonb_build_object('nbf', at('119s')))), 'ok', 'leeway of the row: nbf');
SELECT is(verdict(foreign_token(jsonb_build_object('iat', at('122s')))), 'JW012', 'leeway of the row: iat');
SELECT is(verdict(token(format('{"iss":"https://shared.example","exp":%s}', at('-60s')))), 'JW010', 'and it is that issuer''s alone');
UPDATE jwt.issuers SET leeway = '10s' WHERE issuer = 'https://foreign.example';

-- what else the caller asks
SELECT is(verdict(foreign_token('{"sub":"alice"}'), options), expected, options)
FROM (VALUES
    (', issuer => ''https://foreign.example''', 'ok'),
    (', issuer => ''https://own.example''', 'JW014'),
    (', subject => ''alice''', 'ok'),
    (', subject => ''bob''', 'JW017'),
    (', max_age => ''1h''', 'JW019')
) AS t(options, expected);

-- ---------------------------------------------------------------------------
-- Trust that ends, ends at the next statement, for tokens seen before too

CREATE TEMPORARY TABLE seen ON COMMIT DROP AS SELECT foreign_token() AS token, jwt.issue('{}', 'https://own.example') AS own;
SELECT is(verdict(token), 'ok', 'seen') FROM seen;
UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://foreign.example';
SELECT is(verdict(token), 'JW015', 'disabled') FROM seen;
UPDATE jwt.issuers SET enabled = true WHERE issuer = 'https://foreign.example';
SELECT is(verdict(token), 'ok', 'enabled again') FROM seen;
UPDATE jwt.issuers SET jwks = jwks('ed') WHERE issuer = 'https://foreign.example';
SELECT is(verdict(token), 'JW003', 'its key has gone from the JWKS') FROM seen;
UPDATE jwt.issuers SET jwks = jwks('ec', 'ed'), algorithms = '{EdDSA}' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(token), 'JW003', 'its algorithm has gone') FROM seen;
UPDATE jwt.issuers SET algorithms = NULL, audience = '{api}' WHERE issuer = 'https://foreign.example';
SELECT is(verdict(token), 'JW016', 'an audience is asked for') FROM seen;
UPDATE jwt.issuers SET audience = NULL WHERE issuer = 'https://foreign.example';
SET LOCAL client_min_messages = warning;
SAVEPOINT removal;
DELETE FROM jwt.issuers WHERE issuer = 'https://foreign.example';
SELECT is(verdict(token), 'JW015', 'the row is gone') FROM seen;
ROLLBACK TO removal;
SELECT is(verdict(token), 'ok', 'its removal is rolled back') FROM seen;
TRUNCATE jwt.issuers CASCADE;
SELECT is(verdict(token), 'JW015', 'all rows are gone') FROM seen;
ROLLBACK TO removal;

SELECT is(verdict(own), 'ok', 'our own, seen') FROM seen;
SELECT ok(jwt.revoke_key('https://own.example', :'own_kid'), 'its key is revoked');
SELECT is(verdict(own), 'JW006', 'and its token refused') FROM seen;

SELECT is(verdict(token('{"iss":"https://own.example"}')), 'JW003', 'nor is any other token, of an algorithm that no key of its has');

SELECT finish();
ROLLBACK;
