-- The schema is ours alone: one planted beforehand stops the installation
-- instead of capturing calls.
CREATE SCHEMA jwt;

COMMENT ON SCHEMA jwt IS
    'JSON Web Tokens: sign, verify, encrypt; issuers and keys; the session''s claims';

-- Names are needed by everybody whose policies call the accessors.
GRANT USAGE ON SCHEMA jwt TO PUBLIC;
