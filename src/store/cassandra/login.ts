import { readNamedText } from '../../util/named-file.ts'

/** The login that variables of the environment give; `CASSANDRA_PASSWORD_FILE` names a file with the password. */
export async function cassandraLogin(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ user?: string; password?: string }> {
  const { CASSANDRA_USERNAME: user, CASSANDRA_PASSWORD: password, CASSANDRA_PASSWORD_FILE: path } = env
  return { user: user || undefined, password: path ? (await readNamedText(path)).trim() : password }
}
