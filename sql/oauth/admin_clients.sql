-- Administration: clients and their secrets.

CREATE FUNCTION oauth.new_client_secret(
    issuer_id  bigint,
    client_id  text,
    slot       smallint,
    expires_in interval
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    secret text := oauth.random_token();
BEGIN
    INSERT INTO oauth.client_secrets (issuer_id, client_id, slot, secret_hash, expires_at)
    VALUES (new_client_secret.issuer_id, new_client_secret.client_id, new_client_secret.slot,
            oauth.hash_token(secret), clock_timestamp() + expires_in);
    RETURN secret;
END
$$;

CREATE FUNCTION oauth.create_client(
    client_name                text,
    redirect_uris              text[] DEFAULT '{}',
    scopes                     text[] DEFAULT '{openid,profile,email,offline_access}',
    grant_types                text[] DEFAULT '{authorization_code,refresh_token}',
    token_endpoint_auth_method text DEFAULT 'client_secret_basic',
    application_type           text DEFAULT 'web',
    jwks                       jsonb DEFAULT NULL,
    post_logout_redirect_uris  text[] DEFAULT '{}',
    response_types             text[] DEFAULT '{code}',
    resources                  text[] DEFAULT '{}',
    subject_type               text DEFAULT 'public',
    require_consent            boolean DEFAULT true,
    secret_expires_in          interval DEFAULT NULL,
    issuer                     text DEFAULT NULL,
    INOUT client_id            text DEFAULT NULL,
    OUT client_secret          text
) RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    bad text;
BEGIN
    SELECT u INTO bad
    FROM unnest(redirect_uris || post_logout_redirect_uris) AS u
    WHERE NOT coalesce(oauth.is_redirect_uri(u, application_type), false)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a redirect URI is not acceptable'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is "%s".', bad),
                  HINT = 'Use https://, http:// to localhost, 127.0.0.1 or [::1], or for a native application a scheme of your own domain (com.example.app:/callback); no fragment.';
    END IF;

    SELECT s INTO bad
    FROM unnest(scopes) AS s
    WHERE NOT EXISTS (SELECT FROM oauth.scopes AS k WHERE k.issuer_id = own.issuer_id AND k.scope = s)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'scope "%" does not exist', bad
            USING ERRCODE = 'undefined_object',
                  HINT = 'Make it with oauth.create_scope.';
    END IF;

    -- the issuer is one too, where there is no other default (RFC 9068 3)
    SELECT r INTO bad
    FROM unnest(resources) AS r
    WHERE r <> own.issuer
      AND NOT EXISTS (SELECT FROM oauth.resources AS k WHERE k.issuer_id = own.issuer_id AND k.resource = r)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'resource "%" does not exist', bad
            USING ERRCODE = 'undefined_object',
                  HINT = 'Make it with oauth.create_resource.';
    END IF;

    client_id := coalesce(client_id, left(oauth.random_token(), 22));
    INSERT INTO oauth.clients (
        issuer_id, client_id, client_name, application_type, token_endpoint_auth_method, jwks, redirect_uris,
        post_logout_redirect_uris, grant_types, response_types, scopes, resources, subject_type, sector_identifier,
        require_consent)
    VALUES (
        own.issuer_id, create_client.client_id, create_client.client_name, create_client.application_type,
        create_client.token_endpoint_auth_method, create_client.jwks, create_client.redirect_uris,
        create_client.post_logout_redirect_uris, create_client.grant_types, create_client.response_types,
        create_client.scopes, create_client.resources, create_client.subject_type,
        -- the host that the client's users are known to (OpenID Connect Core 1.0 8.1);
        -- not the user's own machine, where all sorts of applications listen
        coalesce(substring(create_client.redirect_uris[1] FROM '^https://([^/?]+)'), create_client.client_id),
        create_client.require_consent);

    IF token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post') THEN
        client_secret := oauth.new_client_secret(own.issuer_id, client_id, 1::smallint, secret_expires_in);
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'client_created', client_id);
END
$$;

-- The new secret takes the slot that is free, or else the older one's; the other
-- goes on working, to its end where one is given.
CREATE FUNCTION oauth.rotate_client_secret(
    client_id      text,
    old_expires_in interval DEFAULT '1 day',
    expires_in     interval DEFAULT NULL,
    issuer         text DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    client oauth.clients;
    new_slot smallint;
BEGIN
    SELECT c.* INTO client
    FROM oauth.clients AS c
    WHERE c.issuer_id = own.issuer_id AND c.client_id = rotate_client_secret.client_id
    FOR UPDATE;
    IF client.client_id IS NULL THEN
        RAISE EXCEPTION 'client "%" does not exist', rotate_client_secret.client_id
            USING ERRCODE = 'undefined_object';
    END IF;
    IF client.token_endpoint_auth_method NOT IN ('client_secret_basic', 'client_secret_post') THEN
        RAISE EXCEPTION 'the client has no secret to rotate'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Its token_endpoint_auth_method is %s.', client.token_endpoint_auth_method);
    END IF;

    SELECT n.slot INTO STRICT new_slot
    FROM (VALUES (1::smallint), (2::smallint)) AS n (slot)
    LEFT JOIN oauth.client_secrets AS s
        ON s.issuer_id = own.issuer_id AND s.client_id = client.client_id AND s.slot = n.slot
    ORDER BY s.created_at NULLS FIRST, n.slot
    LIMIT 1;

    DELETE FROM oauth.client_secrets AS s
    WHERE s.issuer_id = own.issuer_id AND s.client_id = client.client_id AND s.slot = new_slot;
    UPDATE oauth.client_secrets AS s
    SET expires_at = least(s.expires_at, clock_timestamp() + old_expires_in)
    WHERE s.issuer_id = own.issuer_id AND s.client_id = client.client_id;

    PERFORM oauth.record_event(own.issuer_id, 'client_secret_rotated', client.client_id);
    RETURN oauth.new_client_secret(own.issuer_id, client.client_id, new_slot, expires_in);
END
$$;

-- Its tokens are dead at the next request, and it gets no more.
CREATE FUNCTION oauth.disable_client(client_id text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.clients AS c
    SET enabled = false
    WHERE c.issuer_id = own.issuer_id AND c.client_id = disable_client.client_id AND c.enabled;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    PERFORM oauth.revoke_family(f.issuer_id, f.family_id)
    FROM oauth.token_families AS f
    WHERE f.issuer_id = own.issuer_id AND f.client_id = disable_client.client_id AND f.revoked_at IS NULL;
    PERFORM oauth.revoke(own.issuer_id, 'client', disable_client.client_id);
    PERFORM oauth.record_event(own.issuer_id, 'client_disabled', disable_client.client_id);
    RETURN true;
END
$$;

CREATE FUNCTION oauth.enable_client(client_id text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.clients AS c
    SET enabled = true
    WHERE c.issuer_id = own.issuer_id AND c.client_id = enable_client.client_id AND NOT c.enabled;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'client_enabled', enable_client.client_id);
    RETURN true;
END
$$;

COMMENT ON FUNCTION oauth.new_client_secret(bigint, text, smallint, interval) IS
    'Internal: a fresh secret in a slot; it is stored as its hash';
COMMENT ON FUNCTION oauth.create_client(text, text[], text[], text[], text, text, jsonb, text[], text[], text[], text, boolean, interval, text, text) IS
    'A new client; its client_id, and its secret, which is shown this once (RFC 6749 2, RFC 7591 2)';
COMMENT ON FUNCTION oauth.rotate_client_secret(text, interval, interval, text) IS
    'A new secret, shown this once; the old one works on for old_expires_in';
COMMENT ON FUNCTION oauth.disable_client(text, text) IS
    'Refuse a client and revoke all its tokens; false when it was not enabled';
COMMENT ON FUNCTION oauth.enable_client(text, text) IS
    'Accept a disabled client again; its old tokens stay revoked';

REVOKE ALL ON FUNCTION oauth.new_client_secret(bigint, text, smallint, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.create_client(text, text[], text[], text[], text, text, jsonb, text[], text[], text[], text, boolean, interval, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.rotate_client_secret(text, interval, interval, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.disable_client(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.enable_client(text, text) FROM PUBLIC;
