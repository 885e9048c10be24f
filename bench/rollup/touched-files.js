// Preloaded into a run: at its end, says which files its main thread has touched, and when, in milliseconds since the process started.
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  /** @type {[time: number, call: string, path: string][]} */
  const touched = []
  for (const call of ['open', 'readFile', 'readdir']) {
    const original = files[call]
    files[call] = (path, ...rest) => {
      touched.push([performance.now(), call, String(path)])
      return original(path, ...rest)
    }
  }
  syncBuiltinESMExports()
  process.on('exit', () => {
    touched.push([performance.now(), 'exit', ''])
    process.stderr.write(`touched ${JSON.stringify(touched)}\n`)
  })
}
