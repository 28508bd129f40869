-- Those who log in.  An issuer with an authenticate function of its own gets a
-- row here for each subject as well: grants and sessions hang on it.

CREATE TABLE oauth.users (
    issuer_id         bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    subject           text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()
                      CHECK (subject ~ '^[\x21-\x7e]{1,255}$'),
    username          text,
    password_hash     text CHECK (password_hash ^@ '$scrypt$'),
    claims            jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(claims) = 'object'),
    enabled           boolean NOT NULL DEFAULT true,
    created_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer_id, subject)
);

CREATE UNIQUE INDEX users_username ON oauth.users (issuer_id, lower(username));

COMMENT ON TABLE oauth.users IS
    'Users of an issuer (OpenID Connect Core 1.0 2: End-Users)';
COMMENT ON COLUMN oauth.users.subject IS
    'The sub claim (RFC 7519 4.1.2); never given to another user';
COMMENT ON COLUMN oauth.users.password_hash IS
    'scrypt (RFC 7914) with its parameters; NULL: no log-in by password here';
COMMENT ON COLUMN oauth.users.claims IS
    'Standard claims: name, email, email_verified, ... (OpenID Connect Core 1.0 5.1)';

-- A foreign issuer's subject that logs in as one of our users.
CREATE TABLE oauth.federated_identities (
    issuer_id       bigint NOT NULL,
    foreign_issuer  text COLLATE "C" NOT NULL REFERENCES jwt.issuers ON DELETE CASCADE,
    foreign_subject text COLLATE "C" NOT NULL,
    subject         text COLLATE "C" NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer_id, foreign_issuer, foreign_subject),
    FOREIGN KEY (issuer_id, subject) REFERENCES oauth.users ON DELETE CASCADE
);

-- The sub a sector's clients see; random, so that no secret protects it
-- (OpenID Connect Core 1.0 8.1).
CREATE TABLE oauth.pairwise_subjects (
    issuer_id         bigint NOT NULL,
    sector_identifier text COLLATE "C" NOT NULL,
    subject           text COLLATE "C" NOT NULL,
    pairwise_subject  text COLLATE "C" NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (issuer_id, sector_identifier, subject),
    UNIQUE (issuer_id, pairwise_subject),
    FOREIGN KEY (issuer_id, subject) REFERENCES oauth.users ON DELETE CASCADE
);

COMMENT ON TABLE oauth.federated_identities IS
    'Subjects of foreign issuers that are our users';
COMMENT ON TABLE oauth.pairwise_subjects IS
    'Pairwise subject identifiers (OpenID Connect Core 1.0 8.1)';

-- A log-in in one browser.  The cookie is 256 random bits, of which SHA-256 is kept.
CREATE TABLE oauth.login_sessions (
    issuer_id    bigint NOT NULL,
    session_hash bytea NOT NULL,
    sid          uuid NOT NULL DEFAULT gen_random_uuid(),
    subject      text COLLATE "C" NOT NULL,
    auth_time    timestamptz NOT NULL DEFAULT now(),
    amr          text[] NOT NULL DEFAULT '{pwd}',
    acr          text,
    remote_addr  inet,
    user_agent   text,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (issuer_id, session_hash),
    UNIQUE (issuer_id, sid),
    FOREIGN KEY (issuer_id, subject) REFERENCES oauth.users ON DELETE CASCADE
);

CREATE INDEX login_sessions_subject ON oauth.login_sessions (issuer_id, subject);

COMMENT ON TABLE oauth.login_sessions IS
    'Log-ins of users in browsers';
COMMENT ON COLUMN oauth.login_sessions.session_hash IS
    'SHA-256 of the cookie';
COMMENT ON COLUMN oauth.login_sessions.sid IS
    'The sid claim (OpenID Connect Front-Channel Logout 1.0 3)';

-- Who has logged in, and by what means (OpenID Connect Core 1.0 2).
CREATE TYPE oauth.user_authentication AS (
    subject text,
    acr     text,
    amr     text[]
);
REVOKE ALL ON TYPE oauth.user_authentication FROM PUBLIC;
COMMENT ON TYPE oauth.user_authentication IS
    'A user who has logged in, and by what means';

-- The sub of a client's own tokens is its client_id (RFC 9068 2.2): a resource server
-- must not take a client for a user of that name, nor the other way round (RFC 9068 5,
-- RFC 9700 4.15).
CREATE FUNCTION oauth.keep_subjects_apart() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM oauth.users AS u
        JOIN oauth.clients AS c ON c.issuer_id = u.issuer_id AND c.client_id = u.subject
        WHERE u.issuer_id = NEW.issuer_id AND u.subject = to_jsonb(NEW) ->> TG_ARGV[0])
    THEN
        RAISE EXCEPTION 'a user and a client cannot have the same sub'
            USING ERRCODE = 'unique_violation',
                  DETAIL = 'A client''s sub is its client_id.';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_subjects_apart
AFTER INSERT OR UPDATE OF subject ON oauth.users
FOR EACH ROW EXECUTE FUNCTION oauth.keep_subjects_apart('subject');

CREATE TRIGGER keep_subjects_apart
AFTER INSERT OR UPDATE OF client_id ON oauth.clients
FOR EACH ROW EXECUTE FUNCTION oauth.keep_subjects_apart('client_id');

COMMENT ON FUNCTION oauth.keep_subjects_apart() IS
    'Internal: trigger on oauth.users and oauth.clients, no subject is a client_id (RFC 9068 5)';
REVOKE ALL ON FUNCTION oauth.keep_subjects_apart() FROM PUBLIC;

REVOKE ALL ON TABLE oauth.users FROM PUBLIC;
REVOKE ALL ON TABLE oauth.federated_identities FROM PUBLIC;
REVOKE ALL ON TABLE oauth.pairwise_subjects FROM PUBLIC;
REVOKE ALL ON TABLE oauth.login_sessions FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.users', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.federated_identities', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.pairwise_subjects', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.login_sessions', '');
