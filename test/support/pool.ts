import { Pool, type PoolConfig } from "pg";

/** A look past the bot at our tables. A database is dropped under its idle connections: what those say then is nothing new. */
export function openPool(connectionString: string, config: Omit<PoolConfig, "connectionString"> = {}): Pool {
  const pool = new Pool({ connectionString, options: "-c search_path=daytwo", ...config });
  pool.on("error", () => undefined);
  return pool;
}
