import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { isAlive, thisProcess } from '../../src/util/owner.ts'

const hasProc = process.platform === 'linux'

it.runIf(hasProc)('a process that has ended counts as dead, even while its parent does not ask for it', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'])
  try {
    const [pid] = (await once(parent.stdout, 'data')).map(Number)
    const fields = () =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
    const self = await thisProcess()
    const child = { ...self, pid, started: fields()[19] }
    expect(await isAlive(child, self)).toBe(true)
    while (fields()[0] !== 'Z') await sleep(10)
    expect(await isAlive(child, self)).toBe(false)
  } finally {
    parent.kill('SIGKILL')
  }
})
