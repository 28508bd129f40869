-- Backslashes in what follows are those of patterns, where '\.' is a dot and '.'
-- anything.  The whole script has been read by now, so it is too late for a SET.
DO $$
BEGIN
    IF current_setting('standard_conforming_strings') <> 'on' THEN
        RAISE EXCEPTION 'standard_conforming_strings is off'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'The extension''s functions are written for it to be on.',
                  HINT = 'ALTER DATABASE ... SET standard_conforming_strings = on;';
    END IF;
END
$$;

-- The schema is ours alone: one planted beforehand stops the installation
-- instead of capturing calls.
CREATE SCHEMA jwt;

COMMENT ON SCHEMA jwt IS
    'JSON Web Tokens: sign, verify, encrypt; issuers and keys; the session''s claims';

-- Names are needed by everybody whose policies call the accessors.
GRANT USAGE ON SCHEMA jwt TO PUBLIC;
