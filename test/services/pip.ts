import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, oneAtATime, run } from './support.ts'

/** A Python with packages (`name==version`) and all that they need, downloaded once. Resolves to its program. */
export function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  return oneAtATime(name, async () => {
    const folder = join(cacheFolder(name), 'python')
    if (!existsSync(folder)) await install(folder, packages)
    return join(folder, 'bin/python')
  })
}

async function install(folder: string, packages: readonly string[]): Promise<void> {
  const draft = await mkdtemp(`${folder}-`)
  try {
    await run('python3', ['-m', 'venv', draft])
    await run(join(draft, 'bin/python'), ['-m', 'pip', 'install', '-q', ...packages])
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
