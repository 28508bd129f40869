-- Applications that may ask for tokens (RFC 6749 2, RFC 7591 2).

-- Absolute, without fragment, and nothing a browser would execute (RFC 6749
-- 3.1.2, RFC 8252 7, RFC 9700 4.1).  http goes to the user's own machine only.
CREATE FUNCTION oauth.is_redirect_uri(uri text, application_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN uri ~ '^[\x21-\x7e]+$' AND uri !~ '[#<>"\\^`{|}]' AND CASE
    WHEN uri ~ '^https://' THEN uri ~ '^https://[^/?@]+([/?]|$)'
    WHEN uri ~ '^http://' THEN uri ~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?]|$)'
    ELSE application_type = 'native' AND uri ~ '^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/'
END;

CREATE FUNCTION oauth.are_redirect_uris(uris text[], application_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN NOT EXISTS (
    SELECT
    FROM unnest(uris) AS u (uri)
    WHERE NOT coalesce(oauth.is_redirect_uri(u.uri, application_type), false)
);

COMMENT ON FUNCTION oauth.is_redirect_uri(text, text) IS
    'Internal: may this be registered as a redirect URI? (RFC 6749 3.1.2, RFC 8252 7)';
COMMENT ON FUNCTION oauth.are_redirect_uris(text[], text) IS
    'Internal: may all of these be registered as redirect URIs?';

REVOKE ALL ON FUNCTION oauth.is_redirect_uri(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.are_redirect_uris(text[], text) FROM PUBLIC;

CREATE TABLE oauth.clients (
    issuer_id                  bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    client_id                  text COLLATE "C" NOT NULL CHECK (client_id ~ '^[A-Za-z0-9_-]{1,128}$'),
    client_name                text NOT NULL CHECK (client_name <> ''),
    client_uri                 text CHECK (client_uri ~ '^https?://'),
    logo_uri                   text CHECK (logo_uri ~ '^https?://'),
    application_type           text NOT NULL DEFAULT 'web' CHECK (application_type IN ('web', 'native')),
    token_endpoint_auth_method text NOT NULL DEFAULT 'client_secret_basic'
                               CHECK (token_endpoint_auth_method IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
    jwks                       jsonb CHECK (jwt.is_public_jwks(jwks)),
    redirect_uris              text[] NOT NULL DEFAULT '{}',
    post_logout_redirect_uris  text[] NOT NULL DEFAULT '{}',
    grant_types                text[] NOT NULL DEFAULT '{authorization_code,refresh_token}'
                               CHECK (grant_types <@ ARRAY['authorization_code', 'refresh_token', 'client_credentials', 'implicit',
                                                           'password', 'urn:ietf:params:oauth:grant-type:device_code']),
    response_types             text[] NOT NULL DEFAULT '{code}'
                               CHECK (response_types <@ ARRAY['code', 'token', 'id_token', 'id_token token',
                                                              'code id_token', 'code token', 'code id_token token']),
    scopes                     text[] NOT NULL DEFAULT '{}' CHECK (array_position(scopes, NULL) IS NULL),
    resources                  text[] NOT NULL DEFAULT '{}' CHECK (array_position(resources, NULL) IS NULL),
    subject_type               text NOT NULL DEFAULT 'public' CHECK (subject_type IN ('public', 'pairwise')),
    sector_identifier          text,
    userinfo_signed_response_alg text
                               CHECK (userinfo_signed_response_alg IS NULL OR jwt.are_signature_algorithms(ARRAY[userinfo_signed_response_alg])),
    default_max_age            interval CHECK (default_max_age >= '0'),
    require_consent            boolean NOT NULL DEFAULT true,
    enabled                    boolean NOT NULL DEFAULT true,
    created_at                 timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer_id, client_id),
    CONSTRAINT clients_redirect_uris_check CHECK (oauth.are_redirect_uris(redirect_uris, application_type)),
    CONSTRAINT clients_post_logout_redirect_uris_check CHECK (oauth.are_redirect_uris(post_logout_redirect_uris, application_type)),
    CHECK (token_endpoint_auth_method <> 'private_key_jwt' OR jwks IS NOT NULL),
    CHECK (token_endpoint_auth_method <> 'none' OR NOT 'client_credentials' = ANY (grant_types)),
    CHECK (subject_type <> 'pairwise' OR sector_identifier IS NOT NULL)
);

COMMENT ON TABLE oauth.clients IS
    'Clients and their metadata (RFC 7591 2)';
COMMENT ON COLUMN oauth.clients.token_endpoint_auth_method IS
    'How the client authenticates, and no other way; none: a public client';
COMMENT ON COLUMN oauth.clients.redirect_uris IS
    'Compared as strings (RFC 9700 2.1); only the port of http://127.0.0.1 and http://[::1] floats (RFC 8252 7.3)';
COMMENT ON COLUMN oauth.clients.scopes IS
    'What it may ask for';
COMMENT ON COLUMN oauth.clients.resources IS
    'The resources it may ask for (RFC 8707); empty: every one of the issuer''s';
COMMENT ON COLUMN oauth.clients.userinfo_signed_response_alg IS
    'userinfo answers as a JWT signed with this algorithm, of which the issuer must have a key; NULL: as JSON';
COMMENT ON COLUMN oauth.clients.require_consent IS
    'Ask the user; false for the operator''s own applications';

-- Two slots, so that a secret can be rotated without an hour in which none works.
CREATE TABLE oauth.client_secrets (
    issuer_id   bigint NOT NULL,
    client_id   text COLLATE "C" NOT NULL,
    slot        smallint NOT NULL CHECK (slot IN (1, 2)),
    secret_hash bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    PRIMARY KEY (issuer_id, client_id, slot),
    FOREIGN KEY (issuer_id, client_id) REFERENCES oauth.clients ON DELETE CASCADE
);

COMMENT ON TABLE oauth.client_secrets IS
    'SHA-256 of client secrets that we generated: 256 random bits need no slower hash';

REVOKE ALL ON TABLE oauth.clients FROM PUBLIC;
REVOKE ALL ON TABLE oauth.client_secrets FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.clients', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.client_secrets', '');
