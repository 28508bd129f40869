-- The token endpoint (RFC 6749 3.2).  Each grant type is a function
--
--     oauth.grant_NAME(request, issuer, client, parameters) RETURNS oauth.response
--
-- and a row of oauth.grant_types, both in the grant's own file; the client is
-- authenticated before it is called.

CREATE TABLE oauth.grant_types (
    grant_type text COLLATE "C" PRIMARY KEY,
    function   name NOT NULL
);

COMMENT ON TABLE oauth.grant_types IS
    'Grant types: what /token serves; written by the extension''s script alone';

REVOKE ALL ON TABLE oauth.grant_types FROM PUBLIC;

-- The resources asked for, if each is the issuer's, the client may have it, and it
-- is among those granted, where that is given; else NULL.
CREATE FUNCTION oauth.allowed_resources(client oauth.clients, requested text[], granted text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF granted IS NOT NULL AND NOT requested <@ granted THEN
        RETURN NULL;
    END IF;
    IF client.resources <> '{}' AND NOT requested <@ client.resources THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT
        FROM unnest(requested) AS q (resource)
        WHERE NOT EXISTS (
            SELECT
            FROM oauth.resources AS r
            WHERE r.issuer_id = client.issuer_id AND r.resource = q.resource))
    THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY(SELECT q.resource FROM unnest(requested) WITH ORDINALITY AS q (resource, n) GROUP BY q.resource ORDER BY min(q.n));
END
$$;

-- RFC 8707 2: the resources of a request, NULL when one is not allowed.  Who asks
-- for none gets the default one; but who may not have that gets those it may have.
CREATE FUNCTION oauth.requested_resources(
    issuer     oauth.issuers,
    client     oauth.clients,
    parameters jsonb,
    granted    text[] DEFAULT NULL
) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE
    WHEN parameters ? 'resource' THEN oauth.allowed_resources(client, oauth.parameter_list(parameters -> 'resource'), granted)
    WHEN granted IS NOT NULL THEN granted
    WHEN client.resources = '{}' OR oauth.default_resource(issuer) = ANY (client.resources) THEN '{}'::text[]
    ELSE client.resources
END;

-- RFC 6749 5.1: of the scopes granted, those that this token has.
CREATE FUNCTION oauth.token_response(
    issued        oauth.issued_token,
    scopes        text[],
    refresh_token text DEFAULT NULL,
    id_token      text DEFAULT NULL
) RETURNS oauth.response
LANGUAGE sql STABLE
RETURN oauth.json_response(oauth.json_of(
    'access_token', issued.token,
    'token_type', 'Bearer',
    'expires_in', issued.expires_in,
    'scope', CASE WHEN scopes <> '{}' THEN array_to_string(issued.scopes, ' ') END,
    'refresh_token', refresh_token,
    'id_token', id_token));

-- Does this authorization bring a refresh token?  With OpenID Connect only when
-- the user was asked for offline_access (OpenID Connect Core 1.0 11).
CREATE FUNCTION oauth.is_refreshable(client oauth.clients, scopes text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN 'refresh_token' = ANY (client.grant_types) AND (NOT 'openid' = ANY (scopes) OR 'offline_access' = ANY (scopes));

-- How long a family is remembered: as long as it is refreshed at most, else until
-- its last token has expired and a day more, in which a replay is recognized.
CREATE FUNCTION oauth.family_lifetime(issuer oauth.issuers, client oauth.clients, scopes text[]) RETURNS interval
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN oauth.is_refreshable(client, scopes) THEN issuer.refresh_token_lifetime
    ELSE greatest(issuer.access_token_lifetime, issuer.id_token_lifetime) + interval '1 day'
END;

-- A family that tokens may still come of: it is not revoked and not at its end,
-- its user may log in, its consent stands.  The end of a session revokes what was
-- authorized in it (oauth.end_session), and here what was just being authorized;
-- offline_access goes on, no longer as the session's (OpenID Connect Back-Channel
-- Logout 1.0 2.7).
CREATE FUNCTION oauth.standing_family(issuer_id bigint, family_id uuid) RETURNS oauth.token_families
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    family oauth.token_families;
BEGIN
    SELECT f.* INTO family
    FROM oauth.token_families AS f
    JOIN oauth.users AS u USING (issuer_id, subject)
    WHERE f.issuer_id = standing_family.issuer_id
      AND f.family_id = standing_family.family_id
      AND f.revoked_at IS NULL
      AND f.expires_at > statement_timestamp()
      AND u.enabled
      AND (f.grant_id IS NULL OR EXISTS (
          SELECT
          FROM oauth.grants AS g
          WHERE g.issuer_id = f.issuer_id AND g.grant_id = f.grant_id AND g.revoked_at IS NULL));

    IF family.sid IS NULL THEN
        RETURN family;
    ELSIF 'offline_access' = ANY (family.scopes) THEN
        IF EXISTS (
            SELECT
            FROM oauth.login_sessions AS s
            WHERE s.issuer_id = family.issuer_id AND s.sid = family.sid AND s.ended_at IS NOT NULL)
        THEN
            family.sid := NULL;
        END IF;
    ELSIF EXISTS (
        SELECT
        FROM oauth.revocations AS r
        WHERE r.issuer_id = family.issuer_id AND r.kind = 'session' AND r.id = family.sid::text)
    THEN
        RETURN NULL;
    END IF;
    RETURN family;
END
$$;

-- The tokens of a family, for its code, its device code or its password.
CREATE FUNCTION oauth.issue_tokens(
    issuer    oauth.issuers,
    client    oauth.clients,
    family    oauth.token_families,
    resources text[]
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    issued oauth.issued_token := oauth.issue_access_token(issuer, client, family, family.scopes, resources);
    refresh_token text;
    id_token text;
BEGIN
    IF oauth.is_refreshable(client, family.scopes) THEN
        refresh_token := oauth.issue_refresh_token(issuer, family);
    END IF;
    IF 'openid' = ANY (family.scopes) THEN
        id_token := oauth.issue_id_token(issuer, client, family, access_token => issued.token,
            claims => oauth.user_claims(issuer, family.subject, '{}', family.claims_request, 'id_token'));
    END IF;
    RETURN oauth.token_response(issued, family.scopes, refresh_token, id_token);
END
$$;

CREATE FUNCTION oauth.serve_token(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'oauth_serve_token';

INSERT INTO oauth.endpoints VALUES ('/token', '{POST}', 'api', 'serve_token', 'token_endpoint');

COMMENT ON FUNCTION oauth.allowed_resources(oauth.clients, text[], text[]) IS
    'Internal: resources without repetitions, NULL when one is not allowed (RFC 8707 2)';
COMMENT ON FUNCTION oauth.requested_resources(oauth.issuers, oauth.clients, jsonb, text[]) IS
    'Internal: the resources of a request (RFC 8707 2), NULL when one is not allowed';
COMMENT ON FUNCTION oauth.token_response(oauth.issued_token, text[], text, text) IS
    'Internal: a successful answer of the token endpoint (RFC 6749 5.1)';
COMMENT ON FUNCTION oauth.is_refreshable(oauth.clients, text[]) IS
    'Internal: is there a refresh token for these scopes?';
COMMENT ON FUNCTION oauth.family_lifetime(oauth.issuers, oauth.clients, text[]) IS
    'Internal: how long a new family lives';
COMMENT ON FUNCTION oauth.standing_family(bigint, uuid) IS
    'Internal: a family that tokens may still come of, else NULL';
COMMENT ON FUNCTION oauth.issue_tokens(oauth.issuers, oauth.clients, oauth.token_families, text[]) IS
    'Internal: all tokens of a new family';
COMMENT ON FUNCTION oauth.serve_token(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /token (RFC 6749 3.2)';

REVOKE ALL ON FUNCTION oauth.allowed_resources(oauth.clients, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.requested_resources(oauth.issuers, oauth.clients, jsonb, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.token_response(oauth.issued_token, text[], text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_refreshable(oauth.clients, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.family_lifetime(oauth.issuers, oauth.clients, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.standing_family(bigint, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.issue_tokens(oauth.issuers, oauth.clients, oauth.token_families, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_token(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
