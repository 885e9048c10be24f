import { execFileSync } from 'node:child_process'

/** Builds `dist/`, which the tests run as child processes and in worker threads. */
export default function build(): void {
  if (process.env.RETROFILL_BUILT) return
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
}
