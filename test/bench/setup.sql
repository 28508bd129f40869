-- What the benchmarks measure on: keys, tokens, and a table with policies.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
DROP EXTENSION IF EXISTS oauth_jwt;
CREATE EXTENSION oauth_jwt;
CREATE SCHEMA bench;

CREATE TABLE bench.keys AS
SELECT algorithm, jwk - 'kid' AS jwk,
       CASE algorithm WHEN 'HS256' THEN jwk ELSE jwt.public_key(jwk) END - 'kid' AS verifier
FROM unnest(ARRAY['HS256', 'RS256', 'ES256', 'EdDSA']) AS algorithm,
     jwt.generate_key(algorithm) AS jwk;

-- Each algorithm's tokens apart: to read past the others' would take longer
-- than what is measured, and what is taken off for it would be a guess.
CREATE TABLE bench.tokens (
    algorithm text NOT NULL,
    jwk       jsonb NOT NULL,
    verifier  jsonb NOT NULL,
    token     text NOT NULL,
    payload   text NOT NULL         -- the very text that the token carries
) PARTITION BY LIST (algorithm);

CREATE TABLE bench.tokens_hs256 PARTITION OF bench.tokens FOR VALUES IN ('HS256');
CREATE TABLE bench.tokens_rs256 PARTITION OF bench.tokens FOR VALUES IN ('RS256');
CREATE TABLE bench.tokens_es256 PARTITION OF bench.tokens FOR VALUES IN ('ES256');
CREATE TABLE bench.tokens_eddsa PARTITION OF bench.tokens FOR VALUES IN ('EdDSA');

-- Far more tokens than a backend remembers, so that each is verified anew.
INSERT INTO bench.tokens
SELECT k.algorithm, k.jwk, k.verifier, s.token, convert_from(jwt.jws_verify(s.token, k.verifier), 'UTF8')
FROM bench.keys AS k,
     generate_series(1, CASE k.algorithm WHEN 'HS256' THEN 40000 WHEN 'RS256' THEN 8000 ELSE 5000 END) AS n,
     LATERAL (
         SELECT jwt.sign(
                    jsonb_build_object(
                        'iss', 'https://issuer.example.com',
                        'aud', 'https://api.example.com',
                        'sub', gen_random_uuid(),
                        'role', 'authenticated',
                        'scope', 'read write',
                        'n', n),
                    k.jwk,
                    expires_in => '1 day') AS token
         OFFSET 0
     ) AS s;

CREATE TABLE bench.documents AS
SELECT n AS id, 'user-' || n % 1000 AS owner, repeat('x', 20) AS body
FROM generate_series(1, 1000000) AS n;

DO $$
BEGIN
    CREATE ROLE bench_subject;
    CREATE ROLE bench_constant;
EXCEPTION WHEN duplicate_object THEN NULL;
END
$$;

GRANT USAGE ON SCHEMA bench TO bench_subject, bench_constant;
GRANT SELECT ON bench.documents TO bench_subject, bench_constant;
ALTER TABLE bench.documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY subject ON bench.documents TO bench_subject USING (owner = jwt.subject());
CREATE POLICY constant ON bench.documents TO bench_constant USING (owner = 'user-42');
VACUUM ANALYZE bench.documents;
VACUUM ANALYZE bench.tokens;

SELECT jwt.create_issuer('https://bench.example.com') AS kid \gset

-- One measurement: what it is, its time and the compared thing's, in turn.
CREATE TABLE bench.times (
    name  text NOT NULL,
    round integer NOT NULL,
    us    double precision NOT NULL,
    other double precision NOT NULL
);

-- Processor time of this backend, in microseconds: what others do on the
-- machine is not ours.
CREATE FUNCTION bench.processor_time() RETURNS double precision
LANGUAGE sql VOLATILE SECURITY DEFINER
RETURN split_part(pg_read_file('/proc/self/schedstat', 0, 100), ' ', 1)::bigint / 1000.0;

-- Microseconds an operation takes, the scan of the table it reads taken off.
CREATE FUNCTION bench.time(query text, operations integer, empty text DEFAULT NULL) RETURNS double precision
LANGUAGE plpgsql
AS $$
DECLARE
    start double precision;
    us double precision;
BEGIN
    start := bench.processor_time();
    EXECUTE query;
    us := bench.processor_time() - start;
    IF empty IS NOT NULL THEN
        start := bench.processor_time();
        EXECUTE empty;
        us := us - (bench.processor_time() - start);
    END IF;
    RETURN us / operations;
END
$$;
