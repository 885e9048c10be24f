import type { CliCommand } from './command.ts'

/** What help says of a command, and the command itself, which is loaded where it is called for. */
export interface CommandEntry {
  readonly brief: string
  load(): Promise<CliCommand>
}

export type CommandTable = Readonly<Record<string, CommandEntry>>

/** Every command, by name. */
export const commands: CommandTable = {
  download: {
    brief: 'Fetches the archive files of a range into a directory',
    load: async () => (await import('./download.ts')).downloadCommand,
  },
  verify: {
    brief:
      'Compares the archive files of a range in a bucket and in a directory, or the points of a source and a store',
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  rollup: {
    brief: 'Rolls raw archive files, or finer rows of a store, up into a lake or into Blueflood’s tables in Cassandra',
    load: async () => (await import('./rollup.ts')).rollupCommand,
  },
  config: {
    brief: 'Shows what configurations and the environment set for each command, and where it comes from',
    load: async () => (await import('./config.ts')).configCommand(commands),
  },
  backfill: {
    brief: 'Pulls metric history out of a monitoring service or a store into a store',
    load: async () => (await import('./backfill.ts')).backfillCommand,
  },
  read: {
    brief: 'Prints rows of a lake or of Blueflood’s tables in Cassandra, or points of a metrics file or of DynamoDB',
    load: async () => (await import('./read.ts')).readCommand,
  },
  status: {
    brief: 'Tells what jobs have done: those of a lake, of a metrics file, or of a folder of states',
    load: async () => (await import('./status.ts')).statusCommand,
  },
  gaps: {
    brief: 'Lists the holes in the points of every series',
    load: async () => (await import('./gaps.ts')).gapsCommand,
  },
  sources: {
    brief: 'Lists the sources that history can be read from, and their options',
    load: async () => (await import('./sources.ts')).sourcesCommand,
  },
  'generate-data': {
    brief: 'Generates metric history from an experimental design',
    load: async () => (await import('./generate-data.ts')).generateDataCommand,
  },
  simulate: {
    brief: 'Replays the size and prices of a cluster: events, cost, reports',
    load: async () => (await import('./simulate.ts')).simulateCommand,
  },
}
