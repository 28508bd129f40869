\pset tuples_only on
\pset format unaligned
SELECT jwt.issue('{"sub": "alice", "aud": "https://notes.example", "role": "api_user",
                   "scope": "notes:read notes:write"}');
