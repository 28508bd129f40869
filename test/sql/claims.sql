\i test/tap.psql
-- What verification asks of the claims, times apart: issuer, audience, subject,
-- type, required claims.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION verdict(token text, options text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.verify(%L, secret(), %s)', token, options))).code, 'ok')
$$;

-- ---------------------------------------------------------------------------
-- aud: a string, or a list of strings of which one is ours (RFC 7519 4.1.3)

SELECT is(verdict(token(format('{%s}', '"aud":' || aud)), format('audience => %L', ours)), expected, format('aud %s for %s', aud, ours))
FROM (VALUES
    ('"api"', '{api}', 'ok'),
    ('"api"', '{web,api}', 'ok'),
    ('["api"]', '{api}', 'ok'),
    ('["web","api"]', '{api}', 'ok'),
    ('["web","app"]', '{api,app}', 'ok'),
    ('"api"', '{web}', 'JW016'),
    ('["web","app"]', '{api}', 'JW016'),
    ('"API"', '{api}', 'JW016'),
    ('"api "', '{api}', 'JW016'),
    ('"ap"', '{api}', 'JW016'),
    ('"api2"', '{api}', 'JW016'),
    ('"api,web"', '{api}', 'JW016'),
    ('"[\"api\"]"', '{api}', 'JW016'),
    ('""', '{api}', 'JW016'),
    ('""', '{""}', 'ok'),
    ('[]', '{api}', 'JW016'),
    ('null', '{api}', 'JW016'),
    ('{}', '{api}', 'JW016'),
    ('{"api":"api"}', '{api}', 'JW016'),
    ('{"0":"api"}', '{api}', 'JW016'),
    ('1', '{1}', 'JW016'),
    ('true', '{true}', 'JW016'),
    ('["api",1]', '{api}', 'JW016'),
    ('["api",null]', '{api}', 'JW016'),
    ('["api",["x"]]', '{api}', 'JW016'),
    ('[["api"]]', '{api}', 'JW016'),
    ('[{"api":1}]', '{api}', 'JW016')
) AS t(aud, ours, expected);
SELECT is(verdict(token('{}'), 'audience => ''{api}'''), 'JW016', 'no aud, though one is asked for');
SELECT is(verdict(token('{"aud":"web"}'), options), 'ok', options || ': aud is not looked at')
FROM unnest(ARRAY['audience => NULL', 'algorithms => NULL']) AS options;
SELECT is(verdict(token('{"aud":"api"}'), 'audience => ''{api,NULL}'''), '22004', 'a null among the audiences is a mistake');
SELECT is(verdict(token('{"aud":"web"}'), 'audience => ''{}'''), '22023', '... as is a list of none');
SELECT is(verdict(token('{"aud":"web","aud":"api"}'), 'audience => ''{api}'''), 'ok', 'of aud twice the last is the one that is also returned');
SELECT is(jwt.verify(token('{"aud":"web","aud":"api"}'), secret(), audience => '{api}') ->> 'aud', 'api', 'that one');

-- ---------------------------------------------------------------------------
-- iss: byte for byte (RFC 7519 4.1.1)

SELECT is(verdict(token(format('{"iss":%s}', iss)), 'issuer => ''https://a.example'''), expected, format('iss %s', iss))
FROM (VALUES
    ('"https://a.example"', 'ok'),
    ('"https://a.example/"', 'JW014'),
    ('"https://A.example"', 'JW014'),
    ('"https://a.example\u0020"', 'JW014'),
    ('"http://a.example"', 'JW014'),
    ('"https://a.exampl"', 'JW014'),
    ('""', 'JW014'),
    ('null', 'JW014'),
    ('["https://a.example"]', 'JW014'),
    ('1', 'JW014')
) AS t(iss, expected);
SELECT is(verdict(token('{}'), 'issuer => ''https://a.example'''), 'JW014', 'no iss, though one is asked for');
SELECT is(verdict(token('{}'), 'issuer => '''''), 'JW014', 'no iss, though an empty one is asked for');
SELECT is(verdict(token('{"iss":["x"]}'), 'issuer => NULL'), 'ok', 'issuer null: not looked at');

-- ---------------------------------------------------------------------------
-- sub: a string (RFC 7519 4.1.2)

SELECT is(verdict(token(format('{"sub":%s}', sub)), options), expected, format('sub %s, %s', sub, options))
FROM (VALUES
    ('"alice"', 'subject => ''alice''', 'ok'),
    ('"Alice"', 'subject => ''alice''', 'JW017'),
    ('"alice2"', 'subject => ''alice''', 'JW017'),
    ('""', 'subject => ''alice''', 'JW017'),
    ('""', 'subject => ''''', 'ok'),
    ('null', 'subject => ''alice''', 'JW017'),
    ('["alice"]', 'subject => ''alice''', 'JW020'),
    ('1', 'subject => ''1''', 'JW020'),
    ('1', 'subject => NULL', 'JW020'),
    ('{}', 'subject => NULL', 'JW020'),
    ('"bob"', 'subject => NULL', 'ok')
) AS t(sub, options, expected);
SELECT is(verdict(token('{}'), 'subject => ''alice'''), 'JW017', 'no sub, though one is asked for');
SELECT is((refusal(format('SELECT jwt.verify(%L, secret(), subject => %L)', token('{"sub":"alice"}'), 'bob'))).detail, '',
    'who it is stays out of the message');

-- ---------------------------------------------------------------------------
-- typ: a media type (RFC 7515 4.1.9, RFC 8725 3.11)

SELECT is(verdict(forge(format('{"alg":"HS256"%s}', ',"typ":' || typ), '{}'), format('type => %L', type)), expected,
    format('typ %s as %s', coalesce(typ, 'absent'), type))
FROM (VALUES
    ('"at+jwt"', 'at+jwt', 'ok'),
    ('"AT+JWT"', 'at+jwt', 'ok'),
    ('"application/at+jwt"', 'at+jwt', 'ok'),
    ('"Application/AT+jwt"', 'at+jwt', 'ok'),
    ('"at+jwt"', 'application/at+jwt', 'ok'),
    ('"application/at+jwt"', 'application/AT+JWT', 'ok'),
    ('"JWT"', 'jwt', 'ok'),
    ('"JWT"', 'at+jwt', 'JW018'),
    ('"jwt"', 'at+jwt', 'JW018'),
    ('"at+jwt "', 'at+jwt', 'JW018'),
    ('"x+at+jwt"', 'at+jwt', 'JW018'),
    ('"text/at+jwt"', 'at+jwt', 'JW018'),
    ('"application/x/at+jwt"', 'x/at+jwt', 'JW018'),
    ('"application/"', 'at+jwt', 'JW018'),
    ('""', 'at+jwt', 'JW018'),
    ('null', 'at+jwt', 'JW001'),
    ('1', 'at+jwt', 'JW001'),
    (NULL, 'at+jwt', 'JW018'),
    (NULL, 'JWT', 'JW018')
) AS t(typ, type, expected);
SELECT is(verdict(forge('{"alg":"HS256","typ":"at+jwt"}', '{}'), 'type => NULL'), 'ok', 'type null: any');
SELECT is(verdict(forge('{"alg":"HS256"}', '{}'), 'type => NULL'), 'ok', 'type null: none, too');
-- RFC 7519 5.1 has typ in the header, not among the claims
SELECT is(verdict(forge('{"alg":"HS256","typ":"JWT"}', '{"typ":"at+jwt"}'), 'type => ''at+jwt'''), 'JW018', 'a claim called typ is not the typ');

-- ---------------------------------------------------------------------------
-- Required claims: there, and not null

SELECT is(verdict(token(payload), format('required_claims => %L', required)), expected, format('%s of %s', required, payload))
FROM (VALUES
    ('{"jti":"1"}', '{jti}', 'ok'),
    ('{"jti":""}', '{jti}', 'ok'),
    ('{"jti":false}', '{jti}', 'ok'),
    ('{"a":{},"b":[]}', '{a,b}', 'ok'),
    ('{"jti":null}', '{jti}', 'JW019'),
    ('{"jti":"1"}', '{jti,sub}', 'JW019'),
    ('{}', '{jti}', 'JW019'),
    ('{"JTI":"1"}', '{jti}', 'JW019'),
    ('{"x":{"jti":"1"}}', '{jti}', 'JW019'),
    ('{}', '{}', 'ok'),
    ('{}', NULL, 'ok'),
    ('{}', '{""}', 'JW019'),
    ('{"":1}', '{""}', 'ok'),
    ('{"jti":"1"}', '{jti,NULL}', '22004')
) AS t(payload, required, expected);

-- ---------------------------------------------------------------------------
-- What a person reads: enough to act on, and little of the token

SELECT is((refusal(format('SELECT jwt.verify(%L, secret(), %s)', token(payload), options))).detail, expected, options || ': the detail')
FROM (VALUES
    ('{"aud":"web"}', 'audience => ''{api,app}''', 'The token says "web"; expected: "api", "app".'),
    ('{"aud":["web"]}', 'audience => ''{api}''', 'The token says a list; expected: "api".'),
    ('{}', 'audience => ''{api}''', 'The token says none; expected: "api".'),
    ('{"iss":"b"}', 'issuer => ''a''', 'The token says "b"; expected: "a".'),
    ('{"iss":1}', 'issuer => ''a''', 'The token says something that is not a string; expected: "a".'),
    ('{}', 'type => ''at+jwt''', 'Expected: "at+jwt".'),
    ('{}', 'required_claims => ''{jti}''', 'Missing: jti.')
) AS t(payload, options, expected);
SELECT is(length((refusal(format('SELECT jwt.verify(%L, secret(), issuer => %L)', token(format('{"iss":"%s"}', repeat('x', 5000))), 'a'))).detail),
    length('The token says ""...; expected: "a".') + 120, 'a long claim is cut');
SELECT is(length((refusal(format('SELECT jwt.verify(%L, secret(), issuer => %L)', token(format('{"iss":"%s"}', repeat('é', 5000))), 'a'))).detail),
    length('The token says ""...; expected: "a".') + 60, 'between characters');

-- ---------------------------------------------------------------------------
-- The payload: a JSON object in UTF-8, returned as it is

SELECT is(jwt.verify(token(payload), secret()), payload::jsonb, 'claims: ' || payload)
FROM unnest(ARRAY['{}', '{"a":{"b":[1,2.50,null,true,"x"]}}', ' {"a" : 1} ', '{"é":"ü"}', '{"a":"\u00e9"}', '{"a":"\"\\\n"}']) AS payload;
SELECT is(verdict(token(payload), 'NULL'), 'JW001', 'no claims: ' || payload)
FROM unnest(ARRAY['', ' ', '[]', '"x"', '1', 'null', 'true', '{', '{"a":1}}', '{"a":1}{"b":2}', '{a:1}', '{"a":1,}', '{"a":01}', '{''a'':1}',
    '{"a":"\x"}', '{"a":"\u0000"}', '{"a":"\ud800"}', '{"a":"\udc00\ud800"}', '{"a":NaN}', '//{}', '{"a":1} x']) AS payload;

SELECT finish();
ROLLBACK;
