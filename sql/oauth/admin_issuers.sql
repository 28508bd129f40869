-- Administration: issuers, their resources and scopes.

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

-- After a leak, or after a backup was restored: no token, code, session or
-- device code issued before goes on.  Consent stays; clients and users begin anew.
CREATE FUNCTION oauth.revoke_all(issuer text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.login_sessions AS s
    SET ended_at = clock_timestamp()
    WHERE s.issuer_id = own.issuer_id AND s.ended_at IS NULL;
    UPDATE oauth.token_families AS f
    SET revoked_at = clock_timestamp()
    WHERE f.issuer_id = own.issuer_id AND f.revoked_at IS NULL;
    DELETE FROM oauth.access_tokens AS t
    WHERE t.issuer_id = own.issuer_id;
    DELETE FROM oauth.device_codes AS d
    WHERE d.issuer_id = own.issuer_id;
    PERFORM oauth.revoke(own.issuer_id, 'issuer', '');
    PERFORM oauth.record_event(own.issuer_id, 'all_revoked');
END
$$;

-- A function of the operator's own by its schema-qualified name, under which it is
-- kept: pg_dump carries a name to another database, and no oid.
CREATE FUNCTION oauth.function_name(function regprocedure, arguments text, VARIADIC results regtype[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    SELECT format('%I.%I', n.nspname, p.proname) INTO name
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.oid = function
      AND p.prokind = 'f'
      AND oidvectortypes(p.proargtypes) = arguments
      AND p.prorettype = ANY (results::oid[])
      AND NOT p.proretset;
    IF NOT FOUND AND function IS NOT NULL THEN
        RAISE EXCEPTION 'the function is not of the form (%) returning %', arguments, array_to_string(results, ' or ')
            USING ERRCODE = 'invalid_function_definition',
                  DETAIL = format('It is %s returning %s.', function, pg_get_function_result(function));
    END IF;
    RETURN name;
END
$$;

CREATE FUNCTION oauth.set_authenticate_function(function regprocedure, issuer text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.issuers AS i
    SET authenticate_function = oauth.function_name(function, 'text, text', 'text', 'jsonb')
    WHERE i.issuer_id = own.issuer_id;
END
$$;

CREATE FUNCTION oauth.set_claims_function(function regprocedure, issuer text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.issuers AS i
    SET claims_function = oauth.function_name(function, 'text, text, text[]', 'jsonb')
    WHERE i.issuer_id = own.issuer_id;
END
$$;

CREATE FUNCTION oauth.create_resource(
    resource              text,
    resource_name         text,
    scopes                jsonb DEFAULT '{}',
    access_token_format   text DEFAULT 'jwt',
    access_token_lifetime interval DEFAULT NULL,
    client_id             text DEFAULT NULL,
    is_default            boolean DEFAULT false,
    issuer                text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    INSERT INTO oauth.resources (issuer_id, resource, resource_name, access_token_format, access_token_lifetime, client_id)
    VALUES (own.issuer_id, create_resource.resource, create_resource.resource_name, create_resource.access_token_format,
            create_resource.access_token_lifetime, create_resource.client_id);

    PERFORM oauth.create_scope(s.key, s.value, create_resource.resource, own.issuer)
    FROM jsonb_each_text(create_resource.scopes) AS s;

    IF is_default THEN
        UPDATE oauth.issuers AS i
        SET default_resource = create_resource.resource
        WHERE i.issuer_id = own.issuer_id;
    END IF;
END
$$;

CREATE FUNCTION oauth.create_scope(
    scope       text,
    description text,
    resource    text DEFAULT NULL,
    issuer      text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO oauth.scopes (issuer_id, scope, description, resource)
    VALUES ((oauth.issuer_named(create_scope.issuer)).issuer_id, create_scope.scope, create_scope.description, create_scope.resource);
END
$$;

COMMENT ON FUNCTION oauth.issuer_named(text) IS
    'Internal: the issuer that an administrator names; NULL: the only one';
COMMENT ON FUNCTION oauth.create_issuer(text, text, text) IS
    'A new authorization server with its first signing key and the standard scopes; its issuer_id';
COMMENT ON FUNCTION oauth.revoke_all(text) IS
    'End every session and revoke every token of an issuer, issued until now';
COMMENT ON FUNCTION oauth.function_name(regprocedure, text, regtype[]) IS
    'Internal: a function''s schema-qualified name, if it is of this form';
COMMENT ON FUNCTION oauth.set_authenticate_function(regprocedure, text) IS
    'Log users in by your own function(username, password), which returns the subject, as text or as {"sub", "acr", "amr"}, or NULL';
COMMENT ON FUNCTION oauth.set_claims_function(regprocedure, text) IS
    'Add claims from your own function(subject, client_id, scopes) to access tokens';
COMMENT ON FUNCTION oauth.create_resource(text, text, jsonb, text, interval, text, boolean, text) IS
    'A protected resource, an audience of access tokens (RFC 8707), with its scopes as {"name": "description"}';
COMMENT ON FUNCTION oauth.create_scope(text, text, text, text) IS
    'A scope (RFC 6749 3.3) and how the consent page describes it';

REVOKE ALL ON FUNCTION oauth.issuer_named(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.create_issuer(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.revoke_all(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.function_name(regprocedure, text, regtype[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.set_authenticate_function(regprocedure, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.set_claims_function(regprocedure, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.create_resource(text, text, jsonb, text, interval, text, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.create_scope(text, text, text, text) FROM PUBLIC;
