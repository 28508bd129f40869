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

REVOKE ALL ON TABLE oauth.resources FROM PUBLIC;
REVOKE ALL ON TABLE oauth.scopes FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.resources', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.scopes', '');
