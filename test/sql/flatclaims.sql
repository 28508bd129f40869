\i test/tap.psql
-- Two readers of JSON that differ are an attack in waiting.  Simple claims have
-- a reader of their own (flatclaims.c); what it makes of a text must be what
-- jsonb_in makes of it, to the byte, and what jsonb_in refuses it must not take.
BEGIN;
\i test/forge.psql
SELECT plan(8);

CREATE FUNCTION theirs(written bytea) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    claims jsonb;
BEGIN
    claims := convert_from(written, 'UTF8')::jsonb;
    RETURN CASE WHEN jsonb_typeof(claims) = 'object' THEN claims END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

CREATE FUNCTION ours(written bytea) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN (jwt.decode('e30.' || b64(written) || '.')).payload;
EXCEPTION WHEN SQLSTATE 'JW001' THEN
    RETURN NULL;
END
$$;

-- record_image_eq compares bytes, where = on jsonb compares meanings.  Numbers
-- with huge exponents we refuse before jsonb_in sees them (limits.sql).
CREATE FUNCTION agree(written bytea) RETURNS boolean LANGUAGE sql
RETURN record_image_eq(ROW(ours(written)), ROW(theirs(written)))
       OR (ours(written) IS NULL AND encode(written, 'escape') ~ '[eE][-+]?0*[1-9][0-9]{3}');

CREATE TEMPORARY TABLE seeds (n integer GENERATED ALWAYS AS IDENTITY (START 0 MINVALUE 0), written text);
INSERT INTO seeds (written) VALUES
    ('{"iss": "https://issuer.example.com", "aud": ["https://a.example.com", "b"], "sub": "alice", "exp": 1700000000}'),
    ('{"exp":1700000000,"iat":1699990000,"nbf":0,"admin":true,"guest":false,"none":null}'),
    ('{"a":1,"b":10,"c":10000,"d":123456789012345678,"e":100000000,"f":90071992547409930}'),
    (' { "zz" : "x" , "a" : [ "1" , "" ] , "" : "" , "bb" : "~!" , "aa" : 1 } '),
    ('{}'), ('{"a":[]}'), ('{"a":{}}'), ('{"a":[1]}'), ('{"a":[["b"]]}'), ('[]'), ('"a"'), ('1'), (''), (' '),
    ('{"a":1,"a":2}'), ('{"a":1,"b":2,"a":3}'), ('{"a":1,}'), ('{,"a":1}'), ('{"a":1}}'), ('{"a":1} x'), ('{"a":1'),
    ('{"a":01}'), ('{"a":-1}'), ('{"a":-0}'), ('{"a":1.0}'), ('{"a":1e3}'), ('{"a":1.}'), ('{"a":.1}'), ('{"a":+1}'),
    ('{"a":999999999999999999}'), ('{"a":1000000000000000000}'), ('{"a":99999999999999999999}'),
    ('{"a":"\u0041"}'), ('{"\u0061":1,"a":2}'), ('{"a":"\\"}'), ('{"a":"\"}'), ('{"a":"é"}'), ('{"é":1}'),
    ('{"a":tru}'), ('{"a":truex}'), ('{"a":TRUE}'), ('{"a":nul}'), ('{"a":"x" "b"}'), ('{"a" 1}'), ('{"a":}'), ('{a:1}'),
    (E'{"a":\t1}'), (E'{"a":"\t"}'), (E'{\n"a":1\r}'), (E'{"a":"\x7f"}'), ('{"a":["b",]}'), ('{"a":["b"'), ('{"a":["b"}'),
    ('{"a":["b","c"],"d":["e"],"f":["g","h","i"]}');
-- one member more, and one item more, than are read here
INSERT INTO seeds (written)
SELECT '{' || string_agg(format('"m%s": %s', m, m), ', ') || '}' FROM generate_series(23, 26) AS n, generate_series(1, n) AS m GROUP BY n;
INSERT INTO seeds (written)
SELECT '{"l": [' || string_agg(format('"%s"', m), ', ') || '], "k": ["x"]}' FROM generate_series(22, 25) AS n, generate_series(1, n) AS m GROUP BY n;

SELECT is_empty('SELECT written FROM seeds WHERE NOT agree(convert_to(written, ''UTF8''))', 'the same of every seed');
SELECT ok(agree('\x7b2261223a310000007d') AND agree('\x7b2261223a2200227d') AND agree('\x7b2261223a317d00'), 'NUL is refused wherever it stands');
SELECT ok(agree('\x7b2261223a22ff227d') AND agree('\x7b2261223a22c3227d'), 'so is what is not UTF-8');

-- A text of random members: most are simple, so most mutants are nearly so.
CREATE FUNCTION chance(n integer) RETURNS integer LANGUAGE sql VOLATILE
RETURN floor(random() * n)::integer;

CREATE FUNCTION mutant(written bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    odd bytea := convert_to(E' "\\,:{}[]0123459.eE+-tfn~\x7f\x1f\t\n/aué', 'UTF8');
    place integer;
BEGIN
    FOR change IN 0 .. chance(3) LOOP
        place := chance(length(written) + 1);
        CASE chance(4)
            WHEN 0 THEN written := substr(written, 1, place) || substr(written, place + 2);
            WHEN 1 THEN written := substr(written, 1, place) || substr(odd, chance(length(odd)) + 1, 1) || substr(written, place + 1);
            WHEN 2 THEN written := substr(written, 1, place) || substr(odd, chance(length(odd)) + 1, 1) || substr(written, place + 2);
            ELSE written := substr(written, 1, place) || substr(written, chance(length(written)) + 1, chance(12)) || substr(written, place + 1);
        END CASE;
    END LOOP;
    RETURN written;
END
$$;

SELECT setseed(0.5) \g /dev/null
\if :{?FLATCLAIMS_MUTANTS} \else \set FLATCLAIMS_MUTANTS 20000 \endif
CREATE TEMPORARY TABLE mutants AS
SELECT mutant(convert_to(written, 'UTF8')) AS written
FROM generate_series(1, :FLATCLAIMS_MUTANTS) AS i JOIN seeds AS s ON s.n = i % (SELECT count(*) FROM seeds);

SELECT is_empty('SELECT convert_from(written, ''LATIN1'') FROM mutants WHERE NOT agree(written)', 'the same of every mutant');
SELECT cmp_ok(count(*), '>', 1000::bigint, 'many of which are claims') FROM mutants WHERE theirs(written) IS NOT NULL;
SELECT cmp_ok(count(*), '>', 1000::bigint, '... and many are not') FROM mutants WHERE theirs(written) IS NULL;

-- Verification reads them by the same function
SELECT is(jwt.verify(forge('{"alg":"HS256"}', '{"b": [ "x" ], "a": 1}'), secret()), '{"a": 1, "b": ["x"]}', 'verified: simple claims');
SELECT is(jwt.verify(forge('{"alg":"HS256"}', '{"b": 1, "b": {"c": 2.5}}'), secret()), '{"b": {"c": 2.5}}', 'verified: others');

SELECT finish();
ROLLBACK;
