\i test/tap.psql
-- Attacks through the header.  Every token here is signed correctly over exactly
-- these bytes, so it is the header that refuses it.
BEGIN;
\i test/forge.psql
SELECT no_plan();

SELECT is(jwt.verify(forge('{"alg":"HS256"}'), secret()), '{"sub": "alice"}', 'what is forged is signed correctly');

-- ---------------------------------------------------------------------------
-- alg none (CVE-2015-9235, CVE-2018-1000531, CVE-2022-21449's kin).  The token
-- says that it has no signature, in whatever spelling a check for "none" misses.

CREATE FUNCTION unsigned(header text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN b64(header) || '.' || b64('{"sub":"mallory"}') || '.';
CREATE TEMPORARY TABLE spelling ON COMMIT DROP AS
SELECT alg FROM unnest(ARRAY['"none"', '"None"', '"NONE"', '"nOnE"', '"none "', '" none"', '"none\t"', '"non\u0065"', '""', '" "', '"null"', '"HS256 "', '" HS256"', '"hs256"', '"Hs256"', '"HS0"', '"HS1"', '"RS1"', '"MD5"', '"HS2567"', '"HS25"', '"ＨＳ256"']) AS alg;
SELECT refuses_token(unsigned(format('{"alg":%s}', alg)), 'JW002', format('alg %s, unsigned', alg)) FROM spelling;
SELECT refuses_token(forge(format('{"alg":%s}', alg)), 'JW002', format('alg %s, signed', alg)) FROM spelling;
SELECT refuses(format('SELECT jwt.verify(%L, %s)', unsigned('{"alg":"none"}'), rest), 'JW002', 'alg none: ' || rest)
FROM unnest(ARRAY['rfc_key(''RFC 7515 A.2'')', 'rfc_key(''RFC 7515 A.3'')', 'rfc_key(''RFC 7515 A.3''), ''{}''', 'rfc_key(''RFC 7515 A.3'') || ''{"alg":"none"}''', '''{"keys":[]}''::jsonb']) AS rest;
SELECT refuses(format('SELECT jwt.jws_verify(%L, rfc_key(''RFC 7515 A.3''))', unsigned('{"alg":"none"}')), 'JW002', 'alg none: jws_verify');
SELECT refuses_token(forge(header), code, 'alg: ' || what)
FROM (VALUES
    ('missing', '{"typ":"JWT"}', 'JW001'), ('a number', '{"alg":256}', 'JW001'), ('null', '{"alg":null}', 'JW001'), ('true', '{"alg":true}', 'JW001'),
    ('a list', '{"alg":["HS256"]}', 'JW001'), ('an object', '{"alg":{"HS256":1}}', 'JW001'), ('in capitals as a name', '{"Alg":"HS256"}', 'JW001'), ('\u0000 in it', '{"alg":"HS256\u0000"}', 'JW001'),
    ('among the claims instead', '{}', 'JW001'), ('an encryption', '{"alg":"dir","enc":"A256GCM"}', 'JW002'), ('RSA1_5', '{"alg":"RSA1_5"}', 'JW002')
) AS t(what, header, code);

-- ---------------------------------------------------------------------------
-- A member twice.  One reader takes the first, another the last: what one of them
-- checked is not what the other uses.

SELECT refuses_token(forge(header), 'JW001', header)
FROM unnest(ARRAY[
    '{"alg":"HS256","alg":"none"}', '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","alg":"HS256"}', '{"alg":"HS256","\u0061lg":"none"}', '{"\u0061lg":"none","alg":"HS256"}', '{"\u0061\u006c\u0067":"HS256","alg":"HS256"}',
    '{"alg":"HS256","kid":"a","kid":"b"}', '{"alg":"HS256","typ":"JWT","typ":"at+jwt"}', '{"alg":"HS256","x":1,"y":2,"x":3}', '{"alg":"HS256","crit":["b64"],"b64":true,"b64":false}', '{"alg":"HS256","":1,"":2}']) AS header;
-- A name in other letters is another name, and means nothing
SELECT ok((jwt.check(forge(header), secret())).valid, header) FROM unnest(ARRAY['{"alg":"HS256","Alg":"none"}', '{"ALG":"none","alg":"HS256"}', '{"alg":"HS256","x":{"a":1,"a":2}}', '{"\u0061lg":"HS256"}']) AS header;
SELECT ok(NOT (jwt.check(forge('{"alg":"HS256","Typ":"at+jwt"}'), secret(), type => 'at+jwt')).valid, 'nor is Typ the typ');

-- ---------------------------------------------------------------------------
-- crit (RFC 7515 4.1.11).  The signer says that a member must be understood; a
-- reader that does not, and goes on, accepts what was not meant for it.

SELECT refuses_token(forge(header), code, header)
FROM (VALUES
    ('{"alg":"HS256","crit":["x"],"x":1}', 'JW004'), ('{"alg":"HS256","crit":["http://example.com/x"],"http://example.com/x":true}', 'JW004'),
    ('{"alg":"HS256","crit":[]}', 'JW004'), ('{"alg":"HS256","crit":"b64","b64":true}', 'JW004'), ('{"alg":"HS256","crit":null}', 'JW004'), ('{"alg":"HS256","crit":{"b64":1},"b64":true}', 'JW004'), ('{"alg":"HS256","crit":true}', 'JW004'),
    ('{"alg":"HS256","crit":["b64"]}', 'JW004'), ('{"alg":"HS256","crit":["b64","b64"],"b64":true}', 'JW004'), ('{"alg":"HS256","crit":["b64","x"],"b64":true,"x":1}', 'JW004'), ('{"alg":"HS256","crit":["x","b64"],"b64":true,"x":1}', 'JW004'),
    ('{"alg":"HS256","crit":["B64"],"B64":true}', 'JW004'), ('{"alg":"HS256","crit":[1],"1":1}', 'JW004'), ('{"alg":"HS256","crit":[null]}', 'JW004'), ('{"alg":"HS256","crit":[["b64"]],"b64":true}', 'JW004'), ('{"alg":"HS256","crit":[""],"":1}', 'JW004'),
    ('{"alg":"HS256","crit":["exp"],"exp":99999999999}', 'JW004'), ('{"alg":"HS256","Crit":["x"],"crit":["x"],"x":1}', 'JW004')
) AS t(header, code);
SELECT refuses_token(forge(jsonb_build_object('alg', 'HS256', 'crit', jsonb_build_array(name), name, coalesce(value, '"x"'))::text), 'JW004', 'crit names the standard''s own ' || name)
FROM (VALUES ('typ', NULL::jsonb), ('cty', NULL), ('kid', NULL), ('jku', NULL), ('jwk', NULL), ('x5u', NULL), ('x5c', NULL), ('x5t', NULL), ('x5t#S256', NULL), ('enc', NULL), ('zip', NULL), ('epk', NULL), ('p2c', NULL)) AS t(name, value);
SELECT refuses_token(forge('{"alg":"HS256","crit":["alg"]}'), 'JW004', 'crit names alg');
SELECT refuses_token(forge('{"alg":"HS256","crit":["crit"]}'), 'JW004', 'crit names crit');

-- b64 (RFC 7797) lets the payload stand unencoded.  It must be critical, or those
-- who do not know it verify another payload; and 7 keeps it out of JWTs.
SELECT refuses_token(forge(header), code, header)
FROM (VALUES
    ('{"alg":"HS256","b64":false}', 'JW004'), ('{"alg":"HS256","b64":false,"crit":["b64"]}', 'JW004'), ('{"alg":"HS256","b64":"false","crit":["b64"]}', 'JW001'), ('{"alg":"HS256","b64":0,"crit":["b64"]}', 'JW001'), ('{"alg":"HS256","b64":null}', 'JW001')
) AS t(header, code);
SELECT refuses_token(seal(b64('{"alg":"HS256","b64":false,"crit":["b64"]}') || '.{"sub":"mallory"}'), 'JW004', 'b64 false, the payload as it is');
SELECT ok((jwt.check(forge('{"alg":"HS256","b64":true,"crit":["b64"]}'), secret())).valid, 'b64 true changes nothing');
SELECT ok((jwt.check(forge('{"alg":"HS256","zip":"DEF"}'), secret())).valid, 'zip means nothing on a signature');

-- ---------------------------------------------------------------------------
-- Bytes that are no text, or another text to another reader

SELECT refuses_token(forge(convert_to('{"alg":"HS256","x":"', 'UTF8') || bytes || convert_to('"}', 'UTF8'), '{}'), 'JW001', 'in the header: ' || what)
FROM (VALUES
    ('a lone continuation byte', '\x80'::bytea), ('a byte that never occurs', '\xff'), ('cut short', '\xc3'), ('overlong slash', '\xc0af'), ('overlong NUL', '\xc080'), ('overlong, three bytes', '\xe080af'),
    ('a surrogate', '\xeda080'), ('beyond Unicode', '\xf4908080'), ('Latin-1', '\xe9'), ('NUL', '\x00'), ('a control character', '\x01'), ('a line feed', '\x0a')
) AS t(what, bytes);
SELECT refuses_token(forge(bytes, '{}'), 'JW001', 'the header: ' || what)
FROM (VALUES
    ('a byte order mark before it', '\xefbbbf'::bytea || '{"alg":"HS256"}'), ('NUL behind it', convert_to('{"alg":"HS256"}', 'UTF8') || '\x00'),
    ('UTF-16', (SELECT string_agg(set_byte('\x0000', 0, ascii(c)), '') FROM regexp_split_to_table('{"alg":"HS256"}', '') AS c))
) AS t(what, bytes);
SELECT refuses_token(forge(header), 'JW001', header)
FROM unnest(ARRAY['{"alg":"HS256","x":"\ud800"}', '{"alg":"HS256","x":"\udc00"}', '{"alg":"HS256","x":"\ud800\ud800"}', '{"alg":"HS256","x":"\u0000"}', '{"alg":"HS256","\u0000":1}', '{"alg":"HS256","kid":"a\u0000b"}',
    '{"alg":"HS256","x":"\u12"}', '{"alg":"HS256","x":"\x41"}', '{"alg":"HS256","x":''a''}', '{"alg":"HS256",}', '{"alg":"HS256"}}', '{"alg":"HS256"}{}', '{"alg":"HS256"} x', '{"alg":"HS256"/**/}', '{alg:"HS256"}', '{"alg":"HS256" "x":1}',
    '{"alg":"HS256","x":01}', '{"alg":"HS256","x":NaN}', '{"alg":"HS256","x":+1}', '[{"alg":"HS256"}]', '"{\"alg\":\"HS256\"}"', 'null', '', ' ', '{', '{"alg":"HS256"']) AS header;
SELECT ok((jwt.check(forge(header), secret())).valid, to_json(header)::text)
FROM unnest(ARRAY['{"alg":"HS256","x":"\ud83d\ude00"}', '{"alg":"HS256","x":"😀"}', E' \n{ "alg" : "HS256" }\r\n\t', '{"alg":"HS256","x":1e999999}', '{"alg":"\u0048S256"}']) AS header;

-- ---------------------------------------------------------------------------
-- Nesting, to run a recursive parser out of stack

SELECT refuses_token(forge(format('{"alg":"HS256","x":%s%s}', repeat('[', n), repeat(']', n))), code, format('%s lists within each other', n)) FROM (VALUES (17, 'JW001'), (1000, 'JW001'), (8000, 'JW001'), (20000, 'JW005')) AS t(n, code);
SELECT refuses_token(forge(format('{"alg":"HS256","x":%s1%s}', repeat('{"a":', n), repeat('}', n))), code, format('%s objects within each other', n)) FROM (VALUES (17, 'JW001'), (2500, 'JW001')) AS t(n, code);
SELECT refuses_token(forge(format('{"alg":"HS256","x":%s', repeat('[', n))), 'JW001', format('%s lists, and no end', n)) FROM (VALUES (17), (10000)) AS t(n);
SELECT ok((jwt.check(forge(format('{"alg":"HS256","x":%s%s}', repeat('[', 15), repeat(']', 15))), secret())).valid, 'fifteen are allowed');
SELECT refuses_token(forge(format('{"alg":"HS256"%s}', (SELECT string_agg(format(',"m%s":0', i), '') FROM generate_series(1, n) AS i))), 'JW005', format('%s members', n)) FROM (VALUES (1000), (1300)) AS t(n);
SELECT refuses_token(forge(format('{"alg":"HS256","x":"%s"}', repeat('x', 16384))), 'JW005', 'a header over 16 kB');

SELECT finish();
ROLLBACK;
