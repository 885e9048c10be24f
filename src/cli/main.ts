#!/usr/bin/env node
import { ExitCode, errorCode, errorMessage, UserError } from '../util/errors.ts'
import { runCommandLine } from './app.ts'
import { standardOutput } from './standard-output.ts'

const interruption = new AbortController()

// The first signal asks for an orderly end; a second one does not wait for it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(ExitCode.interrupted)
    interruption.abort(new UserError(`interrupted by ${signal}`, { exitCode: ExitCode.interrupted }))
  })
}

process.stdout.on('error', (error) => {
  // A reader such as `head` that has seen enough is no failure.
  if (errorCode(error) === 'EPIPE') process.exit(ExitCode.ok)
  process.stderr.write(`error: cannot write to standard output: ${errorMessage(error)}\n`)
  process.exit(ExitCode.failed)
})

const { stdin, stderr, env } = process
const stdout = standardOutput(process.stdout)
const argv = process.argv.slice(2)
const target = { stdout, stderr, env, argv, exitCode: undefined as number | string | null | undefined }
// Which Node this runs on is for its users to choose, and no news to them in every run.
env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
await runCommandLine(argv, { process: target, stdin, signal: interruption.signal, now: Date.now })
process.exitCode = target.exitCode ?? ExitCode.ok
// All is done. The driver of Cassandra loses sight of connections when a server dies: one that stays open keeps nobody waiting.
setTimeout(() => process.exit(), 2_000).unref()
