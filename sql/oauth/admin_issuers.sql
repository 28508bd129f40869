-- Administration: issuers, their resources and scopes.

CREATE FUNCTION oauth.create_issuer(
    issuer       text,
    display_name text DEFAULT NULL,
    algorithm    text DEFAULT 'ES256'
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    new_id bigint;
BEGIN
    PERFORM jwt.create_issuer(create_issuer.issuer, create_issuer.algorithm, token_lifetime => '1 day');

    -- Its access tokens open a session, its ID tokens do not (RFC 9068 4).
    UPDATE jwt.issuers AS i
    SET type = 'at+jwt'
    WHERE i.issuer = create_issuer.issuer;

    INSERT INTO oauth.issuers (issuer, display_name)
    VALUES (create_issuer.issuer,
            coalesce(create_issuer.display_name, regexp_replace(create_issuer.issuer, '^https?://', '')))
    RETURNING issuers.issuer_id INTO new_id;

    -- OpenID Connect Core 1.0 5.4 and 11
    INSERT INTO oauth.scopes (issuer_id, scope, description)
    VALUES (new_id, 'openid', 'Know who you are'),
           (new_id, 'profile', 'See your name and picture'),
           (new_id, 'email', 'See your e-mail address'),
           (new_id, 'address', 'See your postal address'),
           (new_id, 'phone', 'See your telephone number'),
           (new_id, 'offline_access', 'Stay connected while you are away');

    RETURN new_id;
END
$$;

COMMENT ON FUNCTION oauth.create_issuer(text, text, text) IS
    'A new authorization server with its first signing key and the standard scopes; its issuer_id';

REVOKE ALL ON FUNCTION oauth.create_issuer(text, text, text) FROM PUBLIC;
