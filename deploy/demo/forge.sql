-- Alice wants Bob's notes.  She may run any SQL that the role api_user may run.

SET ROLE api_user;
SELECT jwt.set_session(:'alice', is_local => false) ->> 'sub' AS session;

SET oauth_jwt.session = '{"claims": {"sub": "bob"}}';

-- Not even a superuser can:

RESET ROLE;
SET oauth_jwt.session = '{"claims": {"sub": "bob"}}';

-- PostgREST's setting, which many policies trust, is anyone's to write; here it
-- counts for nothing:

SET ROLE api_user;
SET request.jwt.claims = '{"sub": "bob"}';
SELECT * FROM api.notes;

-- Her own token, with Bob's name put in:

SELECT jwt.set_session(:'forged');

-- One that she signed with a key of her own:

SELECT jwt.set_session(
    jwt.sign('{"iss": "https://demo.example", "aud": "https://notes.example", "sub": "bob"}',
             jwt.generate_key('ES256'), expires_in => '1h'));
