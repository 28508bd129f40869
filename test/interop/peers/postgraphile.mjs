// Requests as PostGraphile would run them, one after another on one connection:
// whoever comes next must see nothing of whoever came before.
import pg from "pg";
import { end } from "@dataplan/pg/adaptors/pg";
import config from "./postgraphile.config.mjs";

let count = 0;
function is(got, want, name) {
  const same = JSON.stringify(got) === JSON.stringify(want);
  console.log(`${same ? "ok" : "not ok"} ${++count} - ${name}`);
  if (!same) console.log(`# got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

const superuser = new pg.Client();
await superuser.connect();
await superuser.query(`
  CREATE EXTENSION IF NOT EXISTS oauth_jwt;
  CREATE ROLE web_user NOLOGIN;
  CREATE SCHEMA postgraphile_test;
  GRANT USAGE ON SCHEMA postgraphile_test TO web_user;
  CREATE TABLE postgraphile_test.notes (owner text DEFAULT jwt.subject(), body text);
  INSERT INTO postgraphile_test.notes VALUES ('alice', 'hers'), ('bob', 'his');
  ALTER TABLE postgraphile_test.notes ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON postgraphile_test.notes USING (owner = jwt.subject());
  GRANT SELECT, INSERT ON postgraphile_test.notes TO web_user;
  SELECT jwt.create_issuer('https://postgraphile.test')`);
const token = async (sub, expires = "1 hour") =>
  (await superuser.query("SELECT jwt.issue(jsonb_build_object('sub', $1::text), 'https://postgraphile.test', expires_in => $2::interval) AS token", [sub, expires])).rows[0].token;

const withPgClient = config.pgServices[0].adaptor.createWithPgClient({});
async function request(authorization, text = "SELECT body FROM postgraphile_test.notes") {
  const { pgSettings } = config.grafast.context({ node: { req: { headers: { authorization } } } });
  try {
    return await withPgClient(pgSettings, async (client) => (await client.query({ text })).rows.map((row) => Object.values(row)[0]));
  } catch (error) {
    return error.code;
  }
}

const alice = `Bearer ${await token("alice")}`;
const bob = `bearer ${await token("bob")}`;
is(await request(undefined), [], "without a token there are no rows");
is(await request(alice), ["hers"], "alice sees hers");
is(await request(undefined), [], "... and the next request nothing");
is(await request(bob), ["his"], "bob sees his");
is(await request(alice + "A"), "JW007", "a forged token is an error");
is(await request(undefined), [], "... and the next request sees nothing");
is(await request("Bearer not.a.token"), "JW001", "what is no token is an error");
is(await request("Basic YWxpY2U6eA=="), [], "another scheme is nobody");
is(await request(alice, "SELECT current_user || ' ' || coalesce(current_setting('oauth_jwt.token', true), 'none')"), ["web_user none"], "the role is set, and the token is no setting");
is(await request(alice, "INSERT INTO postgraphile_test.notes (body) VALUES ('new') RETURNING owner"), ["alice"], "what she writes is hers");
is(await request(bob), ["his"], "... and not bob's");
is(await withPgClient(null, async (client) => (await client.query({ text: "SELECT coalesce(jwt.subject(), 'nobody')" })).rows[0].coalesce), "nobody", "without settings there is no session either");
is(config.grafast.context({}).pgSettings, { role: "web_user" }, "a request without HTTP has the role, and no token");

await superuser.query("DROP SCHEMA postgraphile_test CASCADE; DROP ROLE web_user; DELETE FROM jwt.issuers WHERE issuer = 'https://postgraphile.test'");
await superuser.end();
await end();
console.log(`1..${count}`);
