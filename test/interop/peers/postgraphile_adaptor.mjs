// What @dataplan/pg/adaptors/pg does with pgSettings: where there are any, a
// transaction in which they are set for its time.
import pg from "pg";

const pool = new pg.Pool({ max: 1 });

export const end = () => pool.end();

export function createWithPgClient() {
  const withPgClient = async (pgSettings, callback) => {
    const connection = await pool.connect();
    const client = { query: ({ text, values }) => connection.query(text, values) };
    const settings = Object.entries(pgSettings ?? {});
    try {
      if (settings.length === 0) return await callback(client);
      await connection.query("begin");
      try {
        await connection.query("select set_config(el->>0, el->>1, true) from json_array_elements($1::json) el", [JSON.stringify(settings)]);
        const result = await callback(client);
        await connection.query("commit");
        return result;
      } catch (error) {
        await connection.query("rollback");
        throw error;
      }
    } finally {
      connection.release();
    }
  };
  withPgClient.release = () => {};
  return withPgClient;
}
