-- ALTER DEFAULT PRIVILEGES, said once and with other tables and functions in mind,
-- would give its roles the stored keys and jwt.issue.  What the script has made is
-- theirs only by a GRANT that means it.  A script that updates to a version with
-- more of them ends with the same.

REVOKE CREATE ON SCHEMA jwt, oauth, oauth_http FROM PUBLIC;
REVOKE ALL ON SCHEMA oauth, oauth_http FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA jwt, oauth, oauth_http FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA jwt, oauth, oauth_http FROM PUBLIC;

DO $$
DECLARE
    grantee text;
    kind text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT a.grantee::regrole::text
        FROM pg_catalog.pg_default_acl AS d, pg_catalog.aclexplode(d.defaclacl) AS a
        WHERE pg_catalog.pg_get_userbyid(d.defaclrole) = current_user
          AND a.grantee NOT IN (0, d.defaclrole)
    LOOP
        FOREACH kind IN ARRAY ARRAY['', 'ALL TABLES IN', 'ALL SEQUENCES IN', 'ALL ROUTINES IN'] LOOP
            EXECUTE pg_catalog.format('REVOKE ALL ON %s SCHEMA jwt, oauth, oauth_http FROM %s', kind, grantee);
        END LOOP;
    END LOOP;
END
$$;
