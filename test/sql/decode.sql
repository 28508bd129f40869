\i test/tap.psql
-- jwt.decode: a token's parts for looking at, not verified; as strict about the
-- form as verification is, so that what it shows is what verification reads.
BEGIN;
\i test/forge.psql
SELECT no_plan();

SELECT is((jwt.decode(rfc('RFC 7515 A.1') ->> 'token')).header, '{"alg": "HS256", "typ": "JWT"}', 'RFC 7515 A.1: the header');
SELECT is((jwt.decode(rfc('RFC 7515 A.1') ->> 'token')).payload, '{"iss": "joe", "exp": 1300819380, "http://example.com/is_root": true}', 'RFC 7515 A.1: the payload');
SELECT is((jwt.decode(rfc('RFC 7515 A.1') ->> 'token')).signature, '\x7418dfb49799e0254ffa607dd8adbbba16d4254d69d6bff05b58055853848d79', 'RFC 7515 A.1: the signature');
SELECT is(jwt.decode(NULL), NULL, 'null: null');
SELECT is(provolatile, 'i', 'the same token always gives the same, expired or not') FROM pg_proc WHERE oid = 'jwt.decode(text)'::regprocedure;

-- What verification would refuse for its contents can be looked at
SELECT lives_ok(format('SELECT jwt.decode(%L)', token), what)
FROM (VALUES
    ('alg none, no signature', b64('{"alg":"none"}') || '.' || b64('{"a":1}') || '.'),
    ('an unknown alg', forge('{"alg":"XX"}')),
    ('no alg', forge('{}')),
    ('alg: a number', forge('{"alg":1}')),
    ('crit not understood', forge('{"alg":"HS256","crit":["x"],"x":1}')),
    ('expired', token('{"exp":1}')),
    ('a wrong signature', left(token('{}'), -43) || repeat('A', 43)),
    ('sub: a number', token('{"sub":1}'))
) AS t(what, token);
SELECT is((jwt.decode(forge('{"alg":"HS256","x":{"y":[1,null,"\u00e9"]}}', '{"deep":{"er":[true]}}'))).header, '{"alg": "HS256", "x": {"y": [1, null, "é"]}}', 'a header with all its members');

-- What is no token cannot
SELECT refuses(format('SELECT jwt.decode(%L)', token), code, what)
FROM (VALUES
    ('empty', '', 'JW001'),
    ('one part', 'e30', 'JW001'),
    ('two parts', 'e30.e30', 'JW001'),
    ('four parts', 'e30.e30.AA.AA', 'JW001'),
    ('five parts', 'e30.e30.AA.AA.AA', 'JW001'),
    ('empty header', '.e30.AA', 'JW001'),
    ('empty payload', 'e30..AA', 'JW001'),
    ('padding', 'e30=.e30.AA', 'JW001'),
    ('unused bits', 'e30.e30.AB', 'JW001'),
    ('a blank', 'e30.e30.AA ', 'JW001'),
    ('the alphabet of base64', 'e30.e30.+/+/', 'JW001'),
    ('header: not an object', forge('[]'), 'JW001'),
    ('header: a member twice', forge('{"alg":"HS256","alg":"none"}'), 'JW001'),
    ('header: a member twice, escaped', forge('{"alg":"HS256","\u0061lg":"none"}'), 'JW001'),
    ('header: not UTF-8', forge('\x7b2261223a22ff227d', '{}'), 'JW001'),
    ('header: deep', forge('{"x":' || repeat('[', 100) || repeat(']', 100) || '}'), 'JW001'),
    ('payload: not an object', forge('{}', '1'), 'JW001'),
    ('payload: not JSON', forge('{}', '{'), 'JW001'),
    ('payload: not UTF-8', forge('\x7b7d', '\x7b2261223a22ff227d'), 'JW001'),
    ('payload: \u0000', forge('{}', '{"a":"\u0000"}'), 'JW001'),
    ('too large', repeat('x', 65537), 'JW005')
) AS t(what, token, code);
SET LOCAL oauth_jwt.max_token_size = 300;
SELECT refuses(format('SELECT jwt.decode(%L)', token('{"x":"' || repeat('x', 300) || '"}')), 'JW005', 'too large for the setting');

SELECT finish();
ROLLBACK;
