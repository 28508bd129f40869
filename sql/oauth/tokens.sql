-- From consent to tokens.  A grant is a user's consent to a client; each
-- authorization under it begins a family of tokens, which lives and dies as one.
--
-- JWT access tokens are not stored: they name their family, and what is revoked
-- stands in oauth.revocations, which stays small.

CREATE TABLE oauth.grants (
    issuer_id  bigint NOT NULL,
    grant_id   uuid NOT NULL DEFAULT gen_random_uuid(),
    subject    text COLLATE "C" NOT NULL,
    client_id  text COLLATE "C" NOT NULL,
    scopes     text[] NOT NULL,
    resources  text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    PRIMARY KEY (issuer_id, grant_id),
    FOREIGN KEY (issuer_id, subject) REFERENCES oauth.users ON DELETE CASCADE,
    FOREIGN KEY (issuer_id, client_id) REFERENCES oauth.clients ON DELETE CASCADE
);

CREATE UNIQUE INDEX grants_standing ON oauth.grants (issuer_id, subject, client_id) WHERE revoked_at IS NULL;

CREATE TABLE oauth.token_families (
    issuer_id      bigint NOT NULL,
    family_id      uuid NOT NULL DEFAULT gen_random_uuid(),
    client_id      text COLLATE "C" NOT NULL,
    subject        text COLLATE "C" NOT NULL,
    grant_id       uuid,
    sid            uuid,
    scopes         text[] NOT NULL,
    resources      text[] NOT NULL DEFAULT '{}',
    nonce          text,
    auth_time      timestamptz,
    acr            text,
    amr            text[],
    claims_request jsonb,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    PRIMARY KEY (issuer_id, family_id),
    FOREIGN KEY (issuer_id, client_id) REFERENCES oauth.clients ON DELETE CASCADE,
    FOREIGN KEY (issuer_id, subject) REFERENCES oauth.users ON DELETE CASCADE
);

CREATE INDEX token_families_subject ON oauth.token_families (issuer_id, subject, client_id);

CREATE TABLE oauth.authorization_codes (
    issuer_id             bigint NOT NULL,
    code_hash             bytea NOT NULL,
    client_id             text COLLATE "C" NOT NULL,
    family_id             uuid NOT NULL,
    redirect_uri          text,
    code_challenge        text,
    created_at            timestamptz NOT NULL DEFAULT now(),
    expires_at            timestamptz NOT NULL,
    consumed_at           timestamptz,
    PRIMARY KEY (issuer_id, code_hash),
    FOREIGN KEY (issuer_id, family_id) REFERENCES oauth.token_families ON DELETE CASCADE
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- by which codes go with their family
CREATE INDEX authorization_codes_family ON oauth.authorization_codes (issuer_id, family_id);

CREATE TABLE oauth.refresh_tokens (
    issuer_id   bigint NOT NULL,
    token_hash  bytea NOT NULL,
    family_id   uuid NOT NULL,
    generation  integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    consumed_at timestamptz,
    PRIMARY KEY (issuer_id, token_hash),
    FOREIGN KEY (issuer_id, family_id) REFERENCES oauth.token_families ON DELETE CASCADE
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX refresh_tokens_family ON oauth.refresh_tokens (issuer_id, family_id);

-- Opaque ones only.
CREATE TABLE oauth.access_tokens (
    issuer_id  bigint NOT NULL,
    token_hash bytea NOT NULL,
    claims     jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, token_hash),
    FOREIGN KEY (issuer_id) REFERENCES oauth.issuers ON DELETE CASCADE
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE oauth.device_codes (
    issuer_id        bigint NOT NULL,
    device_code_hash bytea NOT NULL,
    user_code        text COLLATE "C" NOT NULL,
    client_id        text COLLATE "C" NOT NULL,
    scopes           text[] NOT NULL,
    resources        text[] NOT NULL DEFAULT '{}',
    state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'denied', 'consumed')),
    family_id        uuid,
    poll_interval    interval NOT NULL DEFAULT '5 seconds',
    polled_at        timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, device_code_hash),
    FOREIGN KEY (issuer_id, client_id) REFERENCES oauth.clients ON DELETE CASCADE,
    FOREIGN KEY (issuer_id, family_id) REFERENCES oauth.token_families ON DELETE CASCADE
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX device_codes_family ON oauth.device_codes (issuer_id, family_id) WHERE family_id IS NOT NULL;
CREATE UNIQUE INDEX device_codes_user_code ON oauth.device_codes (issuer_id, user_code) WHERE state = 'pending';

-- What is revoked before it expires.  kind and id: token (jti), family
-- (family_id), session (sid), client (client_id), user (sub), issuer ('').
-- Of the first three all is revoked; of the others what was issued until then.
CREATE TABLE oauth.revocations (
    issuer_id  bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('token', 'family', 'session', 'client', 'user', 'issuer')),
    id         text COLLATE "C" NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, kind, id)
);

-- Client assertions and foreign ID tokens, good once until they expire (RFC 7523 3).
CREATE TABLE oauth.replay (
    issuer_id  bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    presenter  text COLLATE "C" NOT NULL,
    jti_hash   bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, presenter, jti_hash)
);

-- Failures, counted for what failed: kind user, address, user_address, client, user_code.
CREATE TABLE oauth.throttle (
    issuer_id    bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    kind         text COLLATE "C" NOT NULL,
    id_hash      bytea NOT NULL,
    failures     integer NOT NULL DEFAULT 0,
    failed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (issuer_id, kind, id_hash)
) WITH (fillfactor = 70);

-- What happened.  No secret, code or token is ever written here.
CREATE TABLE oauth.audit (
    issuer_id   bigint NOT NULL,
    audit_id    bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    event       text NOT NULL,
    client_id   text,
    subject     text,
    remote_addr inet,
    detail      jsonb,
    PRIMARY KEY (issuer_id, audit_id)
);

COMMENT ON TABLE oauth.grants IS
    'Consent: what a user allows a client';
COMMENT ON TABLE oauth.token_families IS
    'Authorizations: the tokens that come of one code, device code or log-in';
COMMENT ON TABLE oauth.authorization_codes IS
    'Authorization codes (RFC 6749 4.1), as SHA-256; kept after use, so that a replay is seen';
COMMENT ON TABLE oauth.refresh_tokens IS
    'Refresh tokens (RFC 6749 6), as SHA-256; kept after use, so that a reuse is seen';
COMMENT ON TABLE oauth.access_tokens IS
    'Opaque access tokens, as SHA-256, with their claims';
COMMENT ON TABLE oauth.device_codes IS
    'Device codes (RFC 8628), as SHA-256';
COMMENT ON TABLE oauth.revocations IS
    'What is revoked and has not expired yet (RFC 7009)';
COMMENT ON TABLE oauth.replay IS
    'Client assertions and foreign ID tokens that have been seen (RFC 7523 3)';
COMMENT ON TABLE oauth.throttle IS
    'Failed attempts';
COMMENT ON TABLE oauth.audit IS
    'What happened; holds no secret, code or token';

REVOKE ALL ON TABLE oauth.grants, oauth.token_families, oauth.authorization_codes, oauth.refresh_tokens,
    oauth.access_tokens, oauth.device_codes, oauth.revocations, oauth.replay, oauth.throttle, oauth.audit FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('oauth.grants', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.token_families', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.authorization_codes', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.refresh_tokens', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.access_tokens', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.device_codes', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.revocations', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.replay', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.throttle', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.audit', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.audit_audit_id_seq', '');
