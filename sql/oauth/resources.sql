-- What access tokens are for: resources (RFC 8707) and scopes (RFC 6749 3.3).

CREATE TABLE oauth.resources (
    issuer_id             bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    resource              text COLLATE "C" NOT NULL CHECK (resource ~ '^[a-z][a-z0-9+.-]*:[^#[:space:]]+$'),
    resource_name         text NOT NULL CHECK (resource_name <> ''),
    access_token_format   text NOT NULL DEFAULT 'jwt' CHECK (access_token_format IN ('jwt', 'opaque')),
    access_token_lifetime interval CHECK (access_token_lifetime > '0' AND access_token_lifetime <= '1 day'),
    client_id             text COLLATE "C",
    created_at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer_id, resource),
    FOREIGN KEY (issuer_id, client_id) REFERENCES oauth.clients ON DELETE RESTRICT
);

CREATE TABLE oauth.scopes (
    issuer_id   bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    scope       text COLLATE "C" NOT NULL CHECK (scope ~ '^[\x21\x23-\x5b\x5d-\x7e]+$'),
    description text NOT NULL CHECK (description <> ''),
    resource    text COLLATE "C",
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer_id, scope),
    FOREIGN KEY (issuer_id, resource) REFERENCES oauth.resources ON DELETE CASCADE
);

COMMENT ON TABLE oauth.resources IS
    'Protected resources: the audiences of access tokens (RFC 8707, RFC 9728)';
COMMENT ON COLUMN oauth.resources.access_token_format IS
    'jwt: verified by whoever has our keys (RFC 9068); opaque: introspected, so that revocation is immediate';
COMMENT ON COLUMN oauth.resources.client_id IS
    'The client that is this resource server, and so may introspect tokens for it';
COMMENT ON TABLE oauth.scopes IS
    'Scopes, and how the consent page describes each';
COMMENT ON COLUMN oauth.scopes.resource IS
    'The resource it belongs to; NULL: to all';

-- Of these scopes those that say something at these resources: what belongs to another
-- is left out, so that a token for one API is worth nothing at the next (RFC 8707 3).
CREATE FUNCTION oauth.scopes_at(issuer_id bigint, resources text[], scopes text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT a.scope
        FROM unnest(scopes_at.scopes) WITH ORDINALITY AS a (scope, n)
        WHERE NOT EXISTS (
            SELECT
            FROM oauth.scopes AS s
            WHERE s.issuer_id = scopes_at.issuer_id AND s.scope = a.scope AND s.resource <> ALL (scopes_at.resources))
        ORDER BY a.n);
END
$$;

COMMENT ON FUNCTION oauth.scopes_at(bigint, text[], text[]) IS
    'Internal: of these scopes those of these resources, and of none (RFC 8707 3)';
REVOKE ALL ON FUNCTION oauth.scopes_at(bigint, text[], text[]) FROM PUBLIC;

REVOKE ALL ON TABLE oauth.resources FROM PUBLIC;
REVOKE ALL ON TABLE oauth.scopes FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.resources', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.scopes', '');
