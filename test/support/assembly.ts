import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Builds a module of WebAssembly by the options of the project, or of a copy of it: a source of it, and further arguments of the compiler. */
export const assemble = (args: readonly string[], cwd = root): void =>
  void execFileSync(join(root, 'node_modules/.bin/asc'), args, { cwd })
