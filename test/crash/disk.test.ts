import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { main, runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, lakeRows, leftovers } from '../support/lakes.ts'

/** Whether file systems may be mounted here, in a namespace of their own. */
const mayMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0
if (!mayMount) {
  if (process.env.CI)
    throw new Error('file systems cannot be mounted: full and read-only disks cannot be left out in CI')
  console.warn('SKIPPED: file systems cannot be mounted, no full and no read-only disk is tried')
}

const root = temporaryFolder()
const from = join(root, 'archive')
let expected: Record<string, string>

beforeAll(async () => {
  makeArchive({ directory: from, files: 240, checks: 10 })
  const to = join(root, 'undisturbed')
  expect(await runCli(['rollup', '--from', from, '--to', to, '--quiet'])).toMatchObject({ code: 0 })
  expected = await lakeRows(to)
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a shell script where it may mount what it likes. `rollup NAME FLAGS` in it rolls the archive up and keeps what
 * comes of it under a name; `go_on NAME OTHER` runs the command that the run of another name has printed.
 */
function inNamespace(script: string, names: readonly string[]): Record<string, Outcome> {
  const folder = join(root, 'outcomes')
  mkdirSync(folder, { recursive: true })
  const prelude = `
    set -u
    run() { name=$1; shift; "${process.execPath}" "${main}" "$@" >"${folder}/$name.stdout" 2>"${folder}/$name.stderr"; echo $? >"${folder}/$name.code"; }
    go_on() { run "$1" rollup $(sed -n 's/^to go on:  retrofill rollup //p' "${folder}/$2.stderr"); }
    rollup() { name=$1; shift; run "$name" rollup --from "${from}" --quiet --workers=2 --batch-size=8 "$@"; }
    `
  execFileSync('unshare', ['-m', 'sh', '-c', prelude + script], { stdio: 'inherit' })
  const read = (name: string, part: string) => readFileSync(join(folder, `${name}.${part}`), 'utf8')
  return Object.fromEntries(
    names.map((name) => [
      name,
      { code: Number(read(name, 'code')), stdout: read(name, 'stdout'), stderr: read(name, 'stderr') },
    ]),
  )
}

/** The lines of an error of the machine: what happened and where, what to do, how to go on; nothing of how the program is made. */
function expectClearError({ code, stderr }: Outcome, what: RegExp): void {
  expect(code, stderr).toBe(1)
  expect(stderr).toMatch(what)
  expect(stderr).not.toMatch(/^ +at /m)
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
}

describe.runIf(mayMount)('a run', () => {
  it('that fills the disk says so, loses nothing, and goes on once there is room', async () => {
    const [disk, to] = [join(root, 'disk'), join(root, 'after-full')]
    mkdirSync(disk)
    const script = `
      mount -t tmpfs -o size=160k none "${disk}"
      rollup full --to "${disk}/lake"
      cp -r "${disk}/lake" "${to}-full"
      mount -o remount,size=64m "${disk}"
      go_on resumed full
      cp -r "${disk}/lake" "${to}"`
    const { full, resumed } = inNamespace(script, ['full', 'resumed'])
    expectClearError(full, new RegExp(`^error: no space left on device: \\w+ ${disk}/lake/\\S+$`, 'm'))
    const done = lakeFiles(`${to}-full`).length
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(lakeFiles(to).length)
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`${4 - done} made`)) })
    expect(await lakeRows(to)).toEqual(expected)
    expect(leftovers(to)).toEqual([])
  })

  it('on a read-only file system says so, loses nothing, and goes on once it may write', async () => {
    const to = join(root, 'read-only')
    const script = `
      rollup half --to "${to}" --start-time=2014-02-14T14:00:00Z --end-time=2014-02-14T16:00:00Z
      mount --bind "${to}" "${to}"
      mount -o remount,bind,ro "${to}"
      rollup denied --to "${to}"
      mount --bind "${root}" /mnt
      mount -o remount,bind,ro /mnt
      rollup new --to /mnt/new
      umount "${to}"
      go_on resumed denied`
    const { half, denied, new: fresh, resumed } = inNamespace(script, ['half', 'denied', 'new', 'resumed'])
    expect(half).toMatchObject({ code: 0 })
    expectClearError(denied, new RegExp(`^error: read-only file system: open ${to}/_retrofill/\\S+$`, 'm'))
    expectClearError(fresh, /^error: read-only file system: mkdir \/mnt\/new$/m)
    expect(resumed).toMatchObject({ code: 0 })
    expect(await lakeRows(to)).toEqual(expected)
  })
})
