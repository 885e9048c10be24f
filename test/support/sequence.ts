import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that start servers go first: they wait a lot, and one of them at the end would leave a core idle. */
export class ServersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const withServers = new Set(sorted.filter(({ moduleId }) => readFileSync(moduleId, 'utf8').includes('/services/')))
    return [...withServers, ...sorted.filter((file) => !withServers.has(file))]
  }
}
