-- Authorization servers, as many as there are tenants.  The issuer's keys and
-- the terms its tokens are verified on stand in jwt.issuers and jwt.keys.

-- Words of an acr_values parameter, which are separated by spaces.
CREATE FUNCTION oauth.are_acr_values(acr_values text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN NOT EXISTS (
    SELECT
    FROM unnest(acr_values) AS a (acr)
    WHERE NOT coalesce(a.acr ~ '^[\x21-\x7e]+$', false)
);

COMMENT ON FUNCTION oauth.are_acr_values(text[]) IS
    'Internal: may all of these be authentication context classes?';
REVOKE ALL ON FUNCTION oauth.are_acr_values(text[]) FROM PUBLIC;

CREATE TABLE oauth.issuers (
    issuer_id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issuer                      text COLLATE "C" NOT NULL UNIQUE
                                REFERENCES jwt.issuers ON UPDATE RESTRICT ON DELETE CASCADE
                                CHECK (issuer ~ '^https?://[^/?#[:space:]]+(/[^?#[:space:]]*[^/?#[:space:]])?$'),
    enabled                     boolean NOT NULL DEFAULT true,
    display_name                text NOT NULL CHECK (display_name <> ''),
    logo_uri                    text CHECK (logo_uri ~ '^https?://'),
    ui_locale                   text NOT NULL DEFAULT 'en' CHECK (ui_locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]+)*$'),
    default_resource            text,
    authenticate_function       text,
    claims_function             text,
    acr_values                  text[] NOT NULL DEFAULT '{}' CHECK (oauth.are_acr_values(acr_values)),
    require_pkce                boolean NOT NULL DEFAULT true,
    code_lifetime               interval NOT NULL DEFAULT '60 seconds'
                                CHECK (code_lifetime > '0' AND code_lifetime <= '60 seconds'),
    access_token_lifetime       interval NOT NULL DEFAULT '10 minutes'
                                CHECK (access_token_lifetime > '0' AND access_token_lifetime <= '1 day'),
    id_token_lifetime           interval NOT NULL DEFAULT '10 minutes'
                                CHECK (id_token_lifetime > '0' AND id_token_lifetime <= '1 day'),
    refresh_token_idle_lifetime interval NOT NULL DEFAULT '14 days' CHECK (refresh_token_idle_lifetime > '0'),
    refresh_token_lifetime      interval NOT NULL DEFAULT '90 days' CHECK (refresh_token_lifetime > '0'),
    refresh_token_grace         interval NOT NULL DEFAULT '0'
                                CHECK (refresh_token_grace >= '0' AND refresh_token_grace <= '60 seconds'),
    session_idle_lifetime       interval NOT NULL DEFAULT '2 hours' CHECK (session_idle_lifetime > '0'),
    session_lifetime            interval NOT NULL DEFAULT '12 hours' CHECK (session_lifetime > '0'),
    device_code_lifetime        interval NOT NULL DEFAULT '10 minutes'
                                CHECK (device_code_lifetime > '0' AND device_code_lifetime <= '1 hour'),
    created_at                  timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE oauth.issuers IS
    'Our authorization servers, one for each issuer URL';
COMMENT ON COLUMN oauth.issuers.issuer IS
    'Issuer identifier, byte for byte what iss says (RFC 8414 2); no slash at the end';
COMMENT ON COLUMN oauth.issuers.display_name IS
    'The name its pages show';
COMMENT ON COLUMN oauth.issuers.default_resource IS
    'The audience of access tokens when no resource is asked for (RFC 9068 3); NULL: the issuer itself';
COMMENT ON COLUMN oauth.issuers.authenticate_function IS
    'Your own function(username text, password text) returning the subject, as text or as {"sub", "acr", "amr"}, or NULL; NULL: oauth.users';
COMMENT ON COLUMN oauth.issuers.claims_function IS
    'Your own function(subject text, client_id text, scopes text[]) returning jsonb: claims for access tokens';
COMMENT ON COLUMN oauth.issuers.acr_values IS
    'The acr values of log-ins by name and password: the first is that of a password in oauth.users; which, your own function says';
COMMENT ON COLUMN oauth.issuers.require_pkce IS
    'PKCE for confidential clients as well (RFC 9700 2.1.1); public ones always need it';
COMMENT ON COLUMN oauth.issuers.refresh_token_grace IS
    'How long a consumed refresh token may come again without ending its family';

REVOKE ALL ON TABLE oauth.issuers FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.issuers', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.issuers_issuer_id_seq', '');
