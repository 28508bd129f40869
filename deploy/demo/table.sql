CREATE ROLE anon;
CREATE ROLE api_user;

CREATE SCHEMA api;
CREATE TABLE api.notes (
    id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text NOT NULL DEFAULT jwt.subject(),
    note  text NOT NULL
);
INSERT INTO api.notes (owner, note) VALUES
    ('alice', 'water the plants'), ('bob', 'call Alice'), ('alice', 'call Bob back');

ALTER TABLE api.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_own ON api.notes FOR SELECT
    USING (owner = jwt.subject());
CREATE POLICY write_own ON api.notes FOR INSERT
    WITH CHECK (owner = jwt.subject() AND jwt.has_scope('notes:write'));

GRANT USAGE ON SCHEMA api TO api_user, anon;
GRANT SELECT, INSERT ON api.notes TO api_user;
