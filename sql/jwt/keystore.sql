-- Issuers of our own with stored keys: made, rotated, published, revoked; and
-- tokens issued with them.

-- ---------------------------------------------------------------------------
-- What C does for the store.  Private halves pass from these functions into
-- the table: no statement, no plan and no log line holds them.

CREATE FUNCTION jwt.make_stored_key(
    issuer          text,
    algorithm       text,
    bits            integer,
    OUT kid         text,
    OUT key_algorithm text,
    OUT public_jwk  jsonb,
    OUT private_jwk text
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT
AS 'MODULE_PATHNAME', 'jwt_make_stored_key';

CREATE FUNCTION jwt.prepare_stored_key(
    issuer          text,
    key             text,
    algorithm       text,
    given_kid       text,
    OUT kid         text,
    OUT key_algorithm text,
    OUT public_jwk  jsonb,
    OUT private_jwk text
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT
AS 'MODULE_PATHNAME', 'jwt_prepare_stored_key';

CREATE FUNCTION jwt.reseal(issuer text, kid text, private_jwk text) RETURNS text
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'jwt_reseal';

-- ---------------------------------------------------------------------------
-- Issuing

CREATE FUNCTION jwt.issue(
    claims     jsonb,
    issuer     text DEFAULT NULL,
    expires_in interval DEFAULT NULL,
    kid        text DEFAULT NULL,
    type       text DEFAULT NULL,
    header     jsonb DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'jwt_issue';

-- ---------------------------------------------------------------------------
-- Issuers

CREATE FUNCTION jwt.create_issuer(
    issuer         text,
    algorithm      text DEFAULT 'ES256',
    audience       text[] DEFAULT NULL,
    token_lifetime interval DEFAULT '1 hour',
    bits           integer DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    new_kid text;
BEGIN
    INSERT INTO jwt.issuers (issuer, own, audience, token_lifetime)
    VALUES (create_issuer.issuer, true, create_issuer.audience, create_issuer.token_lifetime);

    INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk, private_jwk, activated_at)
    SELECT create_issuer.issuer, k.kid, k.key_algorithm, 'active', k.public_jwk, k.private_jwk, clock_timestamp()
    FROM jwt.make_stored_key(create_issuer.issuer, create_issuer.algorithm, create_issuer.bits) AS k
    RETURNING keys.kid INTO new_kid;
    PERFORM jwt.publish_next_key(create_issuer.issuer, create_issuer.algorithm, create_issuer.bits);

    RETURN new_kid;
END
$$;

CREATE FUNCTION jwt.trust_issuer(
    issuer          text,
    jwks            jsonb DEFAULT NULL,
    secret          text DEFAULT NULL,
    algorithms      text[] DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    type            text DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    roles_claim     text[] DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- as in import_key
AS $$
BEGIN
    IF (jwks IS NULL) = (secret IS NULL) THEN
        RAISE EXCEPTION 'an issuer has either public keys or a shared secret'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give jwks => its JWKS, or secret => the shared secret.';
    END IF;
    IF secret IS NOT NULL AND cardinality(algorithms) > 1 THEN
        RAISE EXCEPTION 'a shared secret has one algorithm'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Name the one that the issuer signs with: algorithms => ''{HS256}''.';
    END IF;
    -- The table would refuse it too, and show it.
    IF NOT jwt.is_public_jwks(jwks) THEN
        RAISE EXCEPTION 'jwks is not a JWK or JWKS of public keys'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'jwt.public_key gives the public half of a private key; a shared secret goes into secret => ...';
    END IF;

    -- Again for a known issuer, say with its new keys, it changes what it is
    -- given and leaves the rest: an issuer that was disabled stays so.
    INSERT INTO jwt.issuers (issuer)
    VALUES (trust_issuer.issuer)
    ON CONFLICT ON CONSTRAINT issuers_pkey DO NOTHING;

    UPDATE jwt.issuers AS i
    SET jwks = trust_issuer.jwks,
        algorithms = coalesce(trust_issuer.algorithms, i.algorithms),
        audience = coalesce(trust_issuer.audience, i.audience),
        type = coalesce(trust_issuer.type, i.type),
        leeway = coalesce(trust_issuer.leeway, i.leeway),
        required_claims = coalesce(trust_issuer.required_claims, i.required_claims),
        roles_claim = coalesce(trust_issuer.roles_claim, i.roles_claim)
    WHERE i.issuer = trust_issuer.issuer;

    IF secret IS NOT NULL THEN
        PERFORM jwt.import_key(trust_issuer.issuer, trust_issuer.secret, trust_issuer.algorithms[1]);
    ELSE
        -- Once its public keys verify, a secret shared before no longer does.
        PERFORM jwt.revoke_key(k.issuer, k.kid)
        FROM jwt.keys AS k
        WHERE k.issuer = trust_issuer.issuer AND k.public_jwk IS NULL;
        PERFORM jwt.check_key_count(trust_issuer.issuer);
    END IF;
END
$$;

-- ---------------------------------------------------------------------------
-- Keys

-- A plan made for these arguments would hold the key as a constant, and be shown
-- by auto_explain or debug_print_plan; a generic plan holds none.
CREATE FUNCTION jwt.import_key(
    issuer    text,
    key       text,
    algorithm text DEFAULT NULL,
    kid       text DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    given record;
BEGIN
    PERFORM FROM jwt.issuers AS i WHERE i.issuer = import_key.issuer FOR UPDATE;
    PERFORM jwt.remove_expired_keys(import_key.issuer);

    SELECT k.kid, k.key_algorithm, k.public_jwk, k.private_jwk
    INTO given
    FROM jwt.prepare_stored_key(import_key.issuer, import_key.key, import_key.algorithm, import_key.kid) AS k;

    PERFORM jwt.retire_active_key(import_key.issuer, given.key_algorithm);
    INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk, private_jwk, activated_at)
    VALUES (import_key.issuer, given.kid, given.key_algorithm, 'active', given.public_jwk, given.private_jwk, clock_timestamp());
    PERFORM jwt.check_key_count(import_key.issuer);
    RETURN given.kid;
END
$$;

-- A key that waits, published from now on, so that clients know it when it
-- begins to sign; unless one of its algorithm waits already.  An RSA key gets
-- the size of the one it is to follow, where that is one we make.
CREATE FUNCTION jwt.publish_next_key(issuer text, algorithm text, bits integer) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk, private_jwk)
    SELECT publish_next_key.issuer, k.kid, k.key_algorithm, 'next', k.public_jwk, k.private_jwk
    FROM jwt.make_stored_key(
        publish_next_key.issuer,
        publish_next_key.algorithm,
        coalesce(publish_next_key.bits, (
            SELECT least(length(a.public_jwk ->> 'n') * 6 / 8 * 8, 4096)
            FROM jwt.keys AS a
            WHERE a.issuer = publish_next_key.issuer
              AND a.algorithm = publish_next_key.algorithm
              AND a.state = 'active'
              AND a.public_jwk ? 'n'
        ))
    ) AS k
    WHERE NOT EXISTS (
        SELECT FROM jwt.keys AS w
        WHERE w.issuer = publish_next_key.issuer
          AND w.algorithm = publish_next_key.algorithm
          AND w.state = 'next'
    );
END;

-- As many as a JWKS may have, since clients refuse a larger one and so do we.
CREATE FUNCTION jwt.check_key_count(issuer text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Those of its jwks verify beside its own, and count as well.
    IF (SELECT count(*) > 64 - coalesce((
            SELECT CASE WHEN i.jwks ? 'keys' THEN jsonb_array_length(i.jwks -> 'keys') ELSE 1 END
            FROM jwt.issuers AS i
            WHERE i.issuer = check_key_count.issuer AND i.jwks IS NOT NULL
        ), 0)
        FROM jwt.keys AS k
        WHERE k.issuer = check_key_count.issuer AND k.state <> 'removed'
        HAVING count(*) > 0)
    THEN
        RAISE EXCEPTION 'issuer has too many keys'
            USING ERRCODE = 'JW054',
                  DETAIL = 'It would have more than 64 that verify, as many as a JWKS may have.',
                  HINT = 'Retired keys stay for the issuer''s token_lifetime: wait, shorten it, or revoke some with jwt.revoke_key.';
    END IF;
END
$$;

-- An asymmetric private key that no longer signs is no longer needed; a shared
-- secret is, since it also verifies.
CREATE FUNCTION jwt.retire_active_key(issuer text, algorithm text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE jwt.keys AS k
    SET state = 'retired',
        retired_at = clock_timestamp(),
        private_jwk = CASE WHEN k.public_jwk IS NULL THEN k.private_jwk END
    WHERE k.issuer = retire_active_key.issuer
      AND k.algorithm = retire_active_key.algorithm
      AND k.state = 'active';
END;

-- Retired keys go when the last token they may have signed has expired.  (As
-- intervals they compare with months of 30 days, which the tokens have too.)
CREATE FUNCTION jwt.remove_expired_keys(issuer text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE jwt.keys AS k
    SET state = 'removed',
        removed_at = clock_timestamp(),
        private_jwk = NULL
    FROM jwt.issuers AS i
    WHERE i.issuer = remove_expired_keys.issuer
      AND k.issuer = i.issuer
      AND k.state = 'retired'
      AND clock_timestamp() - k.retired_at > i.token_lifetime + i.leeway;
END;

CREATE FUNCTION jwt.rotate_key(
    issuer    text,
    algorithm text DEFAULT NULL,
    bits      integer DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    alg text := algorithm;
    is_own boolean;
    has_jwks boolean;
    signing text;
    waiting text;
    is_first boolean := false;
    active_kid text;
BEGIN
    -- One rotation at a time for an issuer; the second then rotates once more.
    SELECT i.own, i.jwks IS NOT NULL INTO is_own, has_jwks FROM jwt.issuers AS i WHERE i.issuer = rotate_key.issuer FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'issuer "%" does not exist', rotate_key.issuer
            USING ERRCODE = 'JW015',
                  HINT = 'Make it with jwt.create_issuer.';
    END IF;

    -- Nor one beside a revocation of what it moves: what is read below then
    -- stands.  A retired key can be revoked meanwhile.
    PERFORM FROM jwt.keys AS k WHERE k.issuer = rotate_key.issuer AND k.state IN ('next', 'active') FOR UPDATE;

    -- Another's shared secret is active as well, and does not sign.
    SELECT k.algorithm INTO signing
    FROM jwt.keys AS k
    WHERE k.issuer = rotate_key.issuer
      AND k.state = 'active'
      AND (is_own OR k.public_jwk IS NOT NULL)
    ORDER BY k.activated_at DESC
    LIMIT 1;
    -- Where the active key was revoked, the one that waits says which algorithm.
    SELECT k.algorithm INTO waiting
    FROM jwt.keys AS k
    WHERE k.issuer = rotate_key.issuer AND k.state = 'next'
    ORDER BY k.created_at DESC
    LIMIT 1;
    alg := coalesce(alg, signing, waiting);
    IF alg LIKE 'HS%' AND NOT is_own THEN
        RAISE EXCEPTION 'another issuer''s shared secret is not ours to rotate'
            USING ERRCODE = 'JW050',
                  HINT = 'Give the new one with jwt.trust_issuer(issuer, secret => ...).';
    END IF;
    -- A first key pair would sign in the name of whoever has those, and be trusted here.
    IF NOT is_own AND coalesce(signing, waiting) IS NULL AND (
        has_jwks OR EXISTS (SELECT FROM jwt.keys AS k WHERE k.issuer = rotate_key.issuer AND k.state <> 'removed' AND k.public_jwk IS NULL))
    THEN
        RAISE EXCEPTION 'issuer''s keys are another''s'
            USING ERRCODE = 'JW050',
                  HINT = 'jwt.create_issuer makes an issuer of our own. If this one is, set own in its row.';
    END IF;
    IF alg IS NULL THEN
        RAISE EXCEPTION 'no active key to rotate'
            USING ERRCODE = 'JW050',
                  HINT = 'Name the algorithm of the first key: jwt.rotate_key(issuer, algorithm => ''ES256'').';
    END IF;

    PERFORM jwt.remove_expired_keys(rotate_key.issuer);
    IF EXISTS (
        SELECT FROM jwt.keys AS k
        WHERE k.issuer = rotate_key.issuer AND k.algorithm = alg AND k.state = 'next'
    ) THEN
        PERFORM jwt.retire_active_key(rotate_key.issuer, alg);
        UPDATE jwt.keys AS k
        SET state = 'active', activated_at = clock_timestamp()
        WHERE k.issuer = rotate_key.issuer AND k.algorithm = alg AND k.state = 'next';
    ELSIF signing IS NULL THEN
        -- Nobody knows this key yet, but the issuer has no other.
        INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk, private_jwk, activated_at)
        SELECT rotate_key.issuer, k.kid, k.key_algorithm, 'active', k.public_jwk, k.private_jwk, clock_timestamp()
        FROM jwt.make_stored_key(rotate_key.issuer, alg, rotate_key.bits) AS k;
    ELSE
        is_first := true;
    END IF;
    PERFORM jwt.publish_next_key(rotate_key.issuer, alg, rotate_key.bits);
    PERFORM jwt.check_key_count(rotate_key.issuer);
    IF is_first THEN
        RAISE NOTICE 'no % key had been published: one is now, and begins to sign with the next rotation', alg;
    END IF;

    SELECT k.kid INTO active_kid
    FROM jwt.keys AS k
    WHERE k.issuer = rotate_key.issuer AND k.algorithm = alg AND k.state = 'active';
    RETURN active_kid;
END
$$;

-- For a key that has leaked: what it signed is refused from the next statement on.
CREATE FUNCTION jwt.revoke_key(issuer text, kid text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE jwt.keys AS k
    SET state = 'removed',
        removed_at = clock_timestamp(),
        private_jwk = NULL
    WHERE k.issuer = revoke_key.issuer
      AND k.kid = revoke_key.kid
      AND k.state <> 'removed';
    RETURN FOUND;
END
$$;

-- After a new master key was put on top of the file, or the first one made.
CREATE FUNCTION jwt.reseal_keys() RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    resealed integer;
BEGIN
    UPDATE jwt.keys AS k
    SET private_jwk = jwt.reseal(k.issuer, k.kid, k.private_jwk)
    WHERE k.private_jwk IS NOT NULL;
    GET DIAGNOSTICS resealed = ROW_COUNT;
    RETURN resealed;
END
$$;

-- SECURITY DEFINER because jwt.keys is the owner's alone; what it returns is
-- made to be published.  PL/pgSQL keeps its plan, and this is asked often.
CREATE FUNCTION jwt.jwks(issuer text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'keys', coalesce(jsonb_agg(
                -- what the row says binds, whatever was put into public_jwk by hand
                k.public_jwk || jsonb_build_object('kid', k.kid, 'alg', k.algorithm)
                ORDER BY k.created_at, k.activated_at, k.kid
            ), '[]')
        )
        FROM jwt.keys AS k
        JOIN jwt.issuers AS i ON i.issuer = k.issuer
        WHERE (k.issuer = jwks.issuer OR jwks.issuer IS NULL)
          AND i.enabled
          AND k.public_jwk IS NOT NULL
          AND CASE k.state
              WHEN 'retired' THEN
                  k.retired_at IS NULL OR statement_timestamp() - k.retired_at <= i.token_lifetime + i.leeway
              ELSE k.state IN ('next', 'active')
          END);
END
$$;

CREATE FUNCTION jwt.cache_stats(
    OUT cache       text,
    OUT entries     bigint,
    OUT bytes       bigint,
    OUT limit_bytes bigint,
    OUT hits        bigint,
    OUT misses      bigint,
    OUT evictions   bigint
) RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'jwt_cache_stats';

-- ---------------------------------------------------------------------------

COMMENT ON FUNCTION jwt.make_stored_key(text, text, integer) IS
    'Internal: a fresh key as a row of jwt.keys holds it';
COMMENT ON FUNCTION jwt.prepare_stored_key(text, text, text, text) IS
    'Internal: a given key as a row of jwt.keys holds it';
COMMENT ON FUNCTION jwt.reseal(text, text, text) IS
    'Internal: a stored private JWK under the current master key';
COMMENT ON FUNCTION jwt.issue(jsonb, text, interval, text, text, jsonb) IS
    'Sign claims with a stored key; adds iss, iat, exp and jti (RFC 7519 4.1)';
COMMENT ON FUNCTION jwt.create_issuer(text, text, text[], interval, integer) IS
    'An issuer of our own with its first signing key, whose kid it returns, and the one to follow it';
COMMENT ON FUNCTION jwt.trust_issuer(text, jsonb, text, text[], text[], text, interval, text[], text[]) IS
    'Accept a foreign issuer''s tokens, by its JWKS or a shared secret; again to change what is given';
COMMENT ON FUNCTION jwt.import_key(text, text, text, text) IS
    'Make a given private JWK, PEM key or shared secret the issuer''s active key; its kid';
COMMENT ON FUNCTION jwt.publish_next_key(text, text, integer) IS
    'Internal: a key that waits, where none does';
COMMENT ON FUNCTION jwt.check_key_count(text) IS
    'Internal: refuse more keys than a JWKS may have';
COMMENT ON FUNCTION jwt.retire_active_key(text, text) IS
    'Internal: the active key verifies from now on and signs no more';
COMMENT ON FUNCTION jwt.remove_expired_keys(text) IS
    'Internal: retired keys whose tokens have all expired are removed';
COMMENT ON FUNCTION jwt.rotate_key(text, text, integer) IS
    'next becomes active, active retired, and a new next is published; the active kid';
COMMENT ON FUNCTION jwt.revoke_key(text, text) IS
    'Remove a key at once: its tokens are refused from every session''s next statement on';
COMMENT ON FUNCTION jwt.reseal_keys() IS
    'Encrypt all stored private keys anew under the master key file''s first line; how many';
COMMENT ON FUNCTION jwt.jwks(text) IS
    'The public keys to publish: next, active and retired (RFC 7517 5)';
COMMENT ON FUNCTION jwt.cache_stats() IS
    'This backend''s caches: keys, issuers, verified tokens; their memory and its bounds';

-- Administration, and whatever signs with a stored key, is the owner's to grant.
REVOKE ALL ON FUNCTION jwt.make_stored_key(text, text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.prepare_stored_key(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.reseal(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.issue(jsonb, text, interval, text, text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.create_issuer(text, text, text[], interval, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.trust_issuer(text, jsonb, text, text[], text[], text, interval, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.import_key(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.publish_next_key(text, text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.check_key_count(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.retire_active_key(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.remove_expired_keys(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.rotate_key(text, text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.revoke_key(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.reseal_keys() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.jwks(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.cache_stats() FROM PUBLIC;

-- Public keys are public; and numbers about one's own backend tell no secret.
GRANT EXECUTE ON FUNCTION jwt.jwks(text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.cache_stats() TO PUBLIC;
