-- Administration: users, and the end of what they hold.

CREATE FUNCTION oauth.create_user(
    username text,
    password text DEFAULT NULL,
    claims   jsonb DEFAULT '{}',
    subject  text DEFAULT NULL,
    issuer   text DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    -- by itself: the plan of a statement, and so auto_explain, would show the password
    hash constant text := oauth.hash_password(password);
    new_subject text;
BEGIN
    INSERT INTO oauth.users (issuer_id, subject, username, password_hash, claims)
    VALUES (own.issuer_id, coalesce(create_user.subject, gen_random_uuid()::text), create_user.username,
            hash, create_user.claims)
    RETURNING users.subject INTO new_subject;
    PERFORM oauth.record_event(own.issuer_id, 'user_created', subject => new_subject);
    RETURN new_subject;
END
$$;

CREATE FUNCTION oauth.set_password(username text, password text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    hash constant text := oauth.hash_password(password);
    changed text;
BEGIN
    UPDATE oauth.users AS u
    SET password_hash = hash
    WHERE u.issuer_id = own.issuer_id AND lower(u.username) = lower(set_password.username)
    RETURNING u.subject INTO changed;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'password_set', subject => changed);
    RETURN true;
END
$$;

-- A user's consent to a client.  With it goes everything that came of it, and what the
-- client got without asking; false when there was nothing.
CREATE FUNCTION oauth.revoke_grant(subject text, client_id text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    revoked boolean;
BEGIN
    UPDATE oauth.grants AS g
    SET revoked_at = clock_timestamp()
    WHERE g.issuer_id = own.issuer_id
      AND g.subject = revoke_grant.subject
      AND g.client_id = revoke_grant.client_id
      AND g.revoked_at IS NULL;
    revoked := FOUND;
    PERFORM oauth.revoke_family(f.issuer_id, f.family_id)
    FROM oauth.token_families AS f
    WHERE f.issuer_id = own.issuer_id
      AND f.subject = revoke_grant.subject
      AND f.client_id = revoke_grant.client_id
      AND f.revoked_at IS NULL;
    IF NOT (revoked OR FOUND) THEN
        RETURN false;
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'grant_revoked', revoke_grant.client_id, revoke_grant.subject);
    RETURN true;
END
$$;

-- Sessions, grants' tokens and access tokens of one user, whatever client holds them.
CREATE FUNCTION oauth.revoke_user(subject text, issuer text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.login_sessions AS s
    SET ended_at = clock_timestamp()
    WHERE s.issuer_id = own.issuer_id AND s.subject = revoke_user.subject AND s.ended_at IS NULL;

    PERFORM oauth.revoke_family(f.issuer_id, f.family_id)
    FROM oauth.token_families AS f
    WHERE f.issuer_id = own.issuer_id AND f.subject = revoke_user.subject AND f.revoked_at IS NULL;

    -- Tokens name the user by the subject that their client sees.
    PERFORM oauth.revoke(own.issuer_id, 'user', revoke_user.subject);
    PERFORM oauth.revoke(own.issuer_id, 'user', p.pairwise_subject)
    FROM oauth.pairwise_subjects AS p
    WHERE p.issuer_id = own.issuer_id AND p.subject = revoke_user.subject;

    PERFORM oauth.record_event(own.issuer_id, 'user_revoked', subject => revoke_user.subject);
END
$$;

CREATE FUNCTION oauth.disable_user(subject text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.users AS u
    SET enabled = false
    WHERE u.issuer_id = own.issuer_id AND u.subject = disable_user.subject AND u.enabled;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM oauth.revoke_user(disable_user.subject, own.issuer);
    PERFORM oauth.record_event(own.issuer_id, 'user_disabled', subject => disable_user.subject);
    RETURN true;
END
$$;

CREATE FUNCTION oauth.enable_user(subject text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    UPDATE oauth.users AS u
    SET enabled = true
    WHERE u.issuer_id = own.issuer_id AND u.subject = enable_user.subject AND NOT u.enabled;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'user_enabled', subject => enable_user.subject);
    RETURN true;
END
$$;

-- Everything of the user goes.  What cannot be called back are JWTs, so they are revoked
-- first.  The audit trail keeps what happened, under a name that is nobody's.
CREATE FUNCTION oauth.delete_user(subject text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    nobody constant text := 'deleted ' || gen_random_uuid();
    families text[];
BEGIN
    -- Locked, so that nobody is authorized meanwhile: what that gave out would be missed.
    PERFORM
    FROM oauth.users AS u
    WHERE u.issuer_id = own.issuer_id AND u.subject = delete_user.subject
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    PERFORM oauth.revoke_user(delete_user.subject, own.issuer);
    families := ARRAY(SELECT f.family_id FROM oauth.token_families AS f WHERE f.issuer_id = own.issuer_id AND f.subject = delete_user.subject);
    DELETE FROM oauth.access_tokens AS t
    WHERE t.issuer_id = own.issuer_id AND t.claims ->> 'family_id' = ANY (families);
    DELETE FROM oauth.users AS u
    WHERE u.issuer_id = own.issuer_id AND u.subject = delete_user.subject;

    PERFORM oauth.record_event(own.issuer_id, 'user_deleted', subject => delete_user.subject);
    UPDATE oauth.audit AS a
    SET subject = CASE a.subject WHEN delete_user.subject THEN nobody END,
        remote_addr = NULL
    WHERE a.issuer_id = own.issuer_id
      AND (a.subject = delete_user.subject OR a.detail ->> 'family_id' = ANY (families));
    RETURN true;
END
$$;

COMMENT ON FUNCTION oauth.create_user(text, text, jsonb, text, text) IS
    'A new user; the subject. password NULL: cannot log in by password';
COMMENT ON FUNCTION oauth.set_password(text, text, text) IS
    'Set a user''s password; false when there is no such user';
COMMENT ON FUNCTION oauth.revoke_grant(text, text, text) IS
    'Take back a user''s consent to a client, and revoke all tokens it has for the user; false when there was nothing';
COMMENT ON FUNCTION oauth.revoke_user(text, text) IS
    'End a user''s sessions and revoke all tokens issued for the user until now';
COMMENT ON FUNCTION oauth.disable_user(text, text) IS
    'Let a user log in no more, and revoke what the user holds; false when not enabled';
COMMENT ON FUNCTION oauth.enable_user(text, text) IS
    'Let a disabled user log in again; what was revoked stays revoked; false when not disabled';
COMMENT ON FUNCTION oauth.delete_user(text, text) IS
    'Delete a user and everything of the user''s, and revoke all tokens; the audit trail keeps no name. False when there is no such user';

REVOKE ALL ON FUNCTION oauth.create_user(text, text, jsonb, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.set_password(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.revoke_grant(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.revoke_user(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.disable_user(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.enable_user(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.delete_user(text, text) FROM PUBLIC;
