import { join } from 'node:path'
import { pythonWith } from './pip.ts'
import { cacheFolder, endProcess, freePorts, type Server, startProcess, waitUntil } from './support.ts'

/** Starts moto, which answers as services of AWS do, on a free port of 127.0.0.1. It needs Python. */
export async function startMoto(): Promise<Server> {
  const python = await pythonWith('moto', ['moto[server]==5.2.5'])
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
