import { formatRange, formatTime, type Range } from '../time/range.ts'
import { quote } from './format.ts'

/** The command line that goes on with a run: the one given, its times made absolute. */
export function resumeCommand(argv: readonly string[], range: Range | undefined): string {
  const times = range ? [`--start-time=${formatTime(range.start)}`, `--end-time=${formatTime(range.end)}`] : []
  const kept = range ? withoutFlags(argv, ['start-time', 'end-time']) : argv
  return ['retrofill', ...kept, ...times].map(quote).join(' ')
}

/** A command line that reads again only what is done in a range. */
export const withRefresh = (argv: readonly string[], range: Range): string[] => [
  ...argv.filter((word, i) => !/^--refresh(=|$)/.test(word) && (argv[i - 1] !== '--refresh' || word.startsWith('-'))),
  `--refresh=${formatRange(range)}`,
]

function withoutFlags(argv: readonly string[], flags: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < argv.length; i++) {
    if (flags.some((flag) => argv[i] === `--${flag}`)) i++
    else if (!flags.some((flag) => argv[i].startsWith(`--${flag}=`))) kept.push(argv[i])
  }
  return kept
}
