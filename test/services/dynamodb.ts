import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { javaServer, smallJava } from './maven.ts'
import { cacheFolder, endProcess, freePorts, type Server, startProcess, waitUntil } from './support.ts'

/** Starts Amazon's DynamoDB Local on a free port. Every access key and region has tables of its own. */
export async function startDynamoDB(): Promise<Server> {
  const { classPath } = await javaServer('dynamodb', ['com.amazonaws:DynamoDBLocal:2.6.1'])
  const folder = await mkdtemp(join(cacheFolder('dynamodb'), 'node-'))
  const [port] = await freePorts(1)
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'
  const options = ['-inMemory', '-disableTelemetry', '-port', String(port)]
  const memory = ['-Xms64m', '-Xmx256m']
  const child = startProcess(['java', ...memory, ...smallJava, '-cp', classPath, main, ...options], join(folder, 'log'))
  const end = async (signal: NodeJS.Signals) => {
    await endProcess(child, signal)
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await waitUntil(async () => {
      if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with code ${child.exitCode}`)
      await (await fetch(url)).arrayBuffer()
    }, 120_000)
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}
