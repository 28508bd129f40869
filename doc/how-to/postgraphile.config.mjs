import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import * as adaptor from "@dataplan/pg/adaptors/pg";
import { makePgService } from "postgraphile/adaptors/pg";

/*
 * PostGraphile opens a transaction for each unit of work and applies pgSettings
 * in it.  This adaptor goes one step further: it takes the token out of
 * pgSettings and hands it to jwt.set_session in the same transaction.
 */
const sessionAdaptor = {
  ...adaptor,
  createWithPgClient(settings, variant) {
    const inner = adaptor.createWithPgClient(settings, variant);
    const withSession = async (pgSettings, callback) => {
      const { "oauth_jwt.token": token, ...rest } = pgSettings ?? {};
      if (token === undefined) return inner(pgSettings, callback);
      return inner(rest, async (client) => {
        await client.query({ text: "select jwt.set_session($1)", values: [token] });
        return callback(client);
      });
    };
    withSession.release = inner.release;
    return withSession;
  },
};

export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    {
      ...makePgService({ connectionString: process.env.DATABASE_URL, schemas: ["app"] }),
      adaptor: sessionAdaptor,
    },
  ],
  grafast: {
    context(requestContext) {
      const header = requestContext.node?.req.headers.authorization ?? "";
      const [, token] = header.match(/^Bearer ([\w.-]+)$/i) ?? [];
      const role = "web_user";
      return { pgSettings: token ? { role, "oauth_jwt.token": token } : { role } };
    },
  },
  grafserv: { port: 5678 },
};
