import { existsSync } from 'node:fs'
import { mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, endProcess, freePorts, oneAtATime, run, type Server, startProcess, waitUntil } from './support.ts'

const packageName = 'moto[server]==5.2.5'

/** Starts moto, which answers as services of AWS do, on a free port of 127.0.0.1. It needs Python. */
export async function startMoto(): Promise<Server> {
  const python = join(await installed(), 'bin/python')
  const [port] = await freePorts(1)
  const log = join(cacheFolder('moto'), `log-${port}`)
  const child = startProcess([python, '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], log)
  const url = `http://127.0.0.1:${port}`
  const end = (signal: NodeJS.Signals) => endProcess(child, signal)
  try {
    await waitUntil(async () => {
      const answer = await fetch(`${url}/moto-api/`)
      await answer.arrayBuffer()
    }, 120_000)
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** A folder with moto and what it needs, downloaded once. */
function installed(): Promise<string> {
  return oneAtATime('moto', async () => {
    const folder = join(cacheFolder('moto'), 'python')
    if (existsSync(folder)) return folder
    const draft = await mkdtemp(`${folder}-`)
    await run('python3', ['-m', 'venv', draft])
    await run(join(draft, 'bin/python'), ['-m', 'pip', 'install', '-q', packageName])
    await rename(draft, folder)
    return folder
  })
}
