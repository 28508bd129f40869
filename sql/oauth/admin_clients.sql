-- Administration: clients and their secrets.

-- The issuer that administration means: the one named, or the only one.
CREATE FUNCTION oauth.issuer_named(issuer text) RETURNS oauth.issuers
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_issuer oauth.issuers;
BEGIN
    SELECT i.* INTO STRICT found_issuer
    FROM oauth.issuers AS i
    WHERE i.issuer = issuer_named.issuer OR issuer_named.issuer IS NULL;
    RETURN found_issuer;
EXCEPTION
    WHEN no_data_found THEN
        RAISE EXCEPTION 'there is no such issuer'
            USING ERRCODE = 'undefined_object',
                  HINT = 'Make it with oauth.create_issuer(''https://...'').';
    WHEN too_many_rows THEN
        RAISE EXCEPTION 'there is more than one issuer'
            USING ERRCODE = 'ambiguous_parameter',
                  HINT = 'Name it: issuer => ''https://...''.';
END
$$;

-- Absolute, without fragment, and nothing a browser would execute (RFC 6749
-- 3.1.2, RFC 8252 7, RFC 9700 4.1).  http goes to the user's own machine only.
CREATE FUNCTION oauth.is_redirect_uri(uri text, application_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN uri ~ '^[\x21-\x7e]+$' AND uri !~ '[#<>"\\^`{|}]' AND CASE
    WHEN uri ~ '^https://' THEN uri ~ '^https://[^/?@]+([/?]|$)'
    WHEN uri ~ '^http://' THEN uri ~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?]|$)'
    ELSE application_type = 'native' AND uri ~ '^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/'
END;

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
        -- the host that the client's users are known to (OpenID Connect Core 1.0 8.1)
        coalesce(substring(create_client.redirect_uris[1] FROM '^https?://([^/?]+)'), create_client.client_id),
        create_client.require_consent);

    IF token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post') THEN
        client_secret := oauth.new_client_secret(own.issuer_id, client_id, 1::smallint, secret_expires_in);
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'client_created', client_id);
END
$$;

COMMENT ON FUNCTION oauth.issuer_named(text) IS
    'Internal: the issuer that an administrator names; NULL: the only one';
COMMENT ON FUNCTION oauth.is_redirect_uri(text, text) IS
    'Internal: may this be registered as a redirect URI? (RFC 6749 3.1.2, RFC 8252 7)';
COMMENT ON FUNCTION oauth.new_client_secret(bigint, text, smallint, interval) IS
    'Internal: a fresh secret in a slot; it is stored as its hash';
COMMENT ON FUNCTION oauth.create_client(text, text[], text[], text[], text, text, jsonb, text[], text[], text[], text, boolean, interval, text, text) IS
    'A new client; its client_id, and its secret, which is shown this once (RFC 6749 2, RFC 7591 2)';

REVOKE ALL ON FUNCTION oauth.issuer_named(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_redirect_uri(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.new_client_secret(bigint, text, smallint, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.create_client(text, text[], text[], text[], text, text, jsonb, text[], text[], text[], text, boolean, interval, text, text) FROM PUBLIC;
