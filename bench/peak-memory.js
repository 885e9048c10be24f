// Preloaded into a process that is measured: says at its end how much memory it has had at most.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.on('exit', () => process.stderr.write(`peak memory ${process.resourceUsage().maxRSS} kB\n`))
}
