import { readFile } from 'node:fs/promises'
import { errorCode, usageError } from '../../util/errors.ts'

/** The login that variables of the environment give; `CASSANDRA_PASSWORD_FILE` names a file with the password. */
export async function cassandraLogin(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ user?: string; password?: string }> {
  const { CASSANDRA_USERNAME: user, CASSANDRA_PASSWORD: password, CASSANDRA_PASSWORD_FILE: path } = env
  return { user: user || undefined, password: path ? await readSecret(path) : password }
}

const readSecret = async (path: string): Promise<string> =>
  (
    await readFile(path, 'utf8').catch((error) => {
      throw usageError(`cannot read ${path}: ${errorCode(error) ?? error}`)
    })
  ).trim()
