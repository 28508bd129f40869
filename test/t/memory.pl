# A backend that serves for hours does not grow: what it keeps is bounded, and
# what a call takes it gives back, OpenSSL's memory included, after failures too.
use strict;
use warnings;
use OauthJwt;
use Test::More;

plan skip_all => 'needs /proc to see how much memory a backend has' unless -r '/proc/self/statm';

my $node = OauthJwt::new_node('memory');
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	SELECT jwt.create_issuer('https://es.example'), jwt.create_issuer('https://hs.example', 'HS256');
	CREATE TABLE keys AS
	SELECT n, CASE n % 4 WHEN 0 THEN jwt.generate_key('ES256') WHEN 1 THEN jwt.generate_key('EdDSA')
		WHEN 2 THEN jwt.generate_key('HS512') ELSE jwt.generate_key('HS256') END || jsonb_build_object('kid', n::text) AS jwk
	FROM generate_series(1, 200) AS n;
	CREATE TABLE wraps AS
	SELECT n, jwt.generate_key(alg) AS jwk, jsonb_build_object('alg', alg, 'enc', 'A256GCM') AS header
	FROM unnest(ARRAY['dir', 'A256KW', 'ECDH-ES+A128KW', 'A128GCMKW']) WITH ORDINALITY AS w (alg, n) WHERE alg <> 'dir';

	-- A page is 4 kB on the machines we know, and it is the growth that counts.
	CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS
		$$SELECT split_part(pg_read_file('/proc/self/statm'), ' ', 2)::bigint * 4096$$;

	-- One of everything that allocates, with another token and mostly another key each time.
	CREATE PROCEDURE serve(first integer, last integer) LANGUAGE plpgsql AS $$
	DECLARE
		token text;
		key jsonb;
		wrap wraps;
	BEGIN
		FOR i IN first .. last LOOP
			token := jwt.issue(jsonb_build_object('sub', i::text, 'pad', repeat('x', i % 1500), 'scope', 'a b c'),
				CASE i % 2 WHEN 0 THEN 'https://es.example' ELSE 'https://hs.example' END);
			PERFORM jwt.set_session(token);
			PERFORM jwt.subject(), jwt.claims(), jwt.claim('pad'), jwt.scopes(), jwt.has_scope('c');
			SELECT jwk INTO key FROM keys WHERE n = i % 200 + 1;
			PERFORM jwt.verify(jwt.sign(jsonb_build_object('n', i), key), key);
			PERFORM jwt.check(jwt.sign(jsonb_build_object('n', i), md5(i::text)), md5(i::text));
			PERFORM jwt.check(token || 'x'), jwt.check(left(token, i % length(token))), jwt.check(token, md5(i::text)), jwt.check('{}', md5(i::text));
			PERFORM jwt.decode(token), jwt.thumbprint(key);
			IF i % 10 = 0 THEN
				SELECT * INTO wrap FROM wraps WHERE n = i / 10 % 3 + 2;
				PERFORM jwt.jwe_decrypt(jwt.jwe_encrypt(convert_to(token, 'UTF8'), wrap.jwk, wrap.header), wrap.jwk);
				BEGIN
					PERFORM jwt.jwe_decrypt(jwt.jwe_encrypt('x', wrap.jwk, wrap.header) || 'A', wrap.jwk);
				EXCEPTION WHEN OTHERS THEN NULL;
				END;
				BEGIN
					PERFORM jwt.set_session(token || 'x');
				EXCEPTION WHEN OTHERS THEN NULL;
				END;
				BEGIN
					PERFORM jwt.sign('{}', '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}'::jsonb);
				EXCEPTION WHEN OTHERS THEN NULL;
				END;
			END IF;
			IF i % 1000 = 0 THEN
				UPDATE jwt.issuers SET enabled = true;		-- forget what is trusted
			END IF;
			COMMIT;
		END LOOP;
	END
	$$;
});

# A turn of the loop is 17 calls, not counting each tenth's: 51,000 in all.
my ($rounds, $turns) = (5, 600);
my @resident = split /\n/, $node->safe_psql('postgres',
	join '', map { sprintf "CALL serve(%d, %d); SELECT resident();\n", $turns * $_ + 1, $turns * ($_ + 1) } 0 .. $rounds - 1);
is(scalar @resident, $rounds, 'every round was served');
note sprintf 'resident kB after each %d calls: %s', 17 * $turns, join ' ', map { int($_ / 1024) } @resident;
cmp_ok($resident[-1] - $resident[1], '<', 1024 * 1024, 'the last three rounds grew by less than 1 MB together');

# The attack: call from so deep that the stack ends in the midst of reading a
# key, again and again.  Where that is depends on the compiler, so the limit is
# moved past it; a kB too deep, and the call itself is refused.
my ($grown, $raised) = split /\|/, $node->safe_psql('postgres', q{
	CREATE FUNCTION read_key(times integer, key jsonb) RETURNS integer LANGUAGE plpgsql AS $$
	DECLARE
		raised integer := 0;
	BEGIN
		FOR i IN 1 .. times LOOP
			BEGIN
				PERFORM jwt.thumbprint(key);
			EXCEPTION WHEN statement_too_complex OR out_of_memory THEN raised := raised + 1;
			END;
		END LOOP;
		RETURN raised;
	END
	$$;
	CREATE FUNCTION read_key_below(depth integer, times integer, key jsonb) RETURNS integer LANGUAGE plpgsql AS $$
	BEGIN
		IF depth > 0 THEN RETURN read_key_below(depth - 1, times, key); END IF;
		RETURN read_key(times, key);
	END
	$$;
	CREATE FUNCTION grow(OUT grown bigint, OUT raised integer) LANGUAGE plpgsql AS $$
	DECLARE
		-- its secret is long, for what is lost to show, and deep as a JWK may be
		key jsonb := '{"kty": "oct", "x": [[[[[[[[[[[[[]]]]]]]]]]]]]}'::jsonb || jsonb_build_object('k', repeat('QUJD', 10000));
		before bigint;
	BEGIN
		raised := 0;
		PERFORM read_key_below(50, 2, key);
		before := resident();
		FOR kilobytes IN REVERSE 300 .. 100 LOOP
			PERFORM set_config('max_stack_depth', kilobytes::text, true);
			BEGIN
				raised := raised + read_key_below(50, 100, key);
			EXCEPTION WHEN statement_too_complex THEN EXIT;
			END;
		END LOOP;
		grown := resident() - before;
	END
	$$;
	SELECT * FROM grow();
});
cmp_ok($raised, '>', 0, "the stack ended within $raised calls");
cmp_ok($grown, '<', 2 * 1024 * 1024, "... which left nothing behind ($grown bytes)");

$node->stop;
done_testing();
