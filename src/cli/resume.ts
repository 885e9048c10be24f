import { formatTime, type Range } from '../time/range.ts'

/** The same command line with absolute times, so that it means the same range whenever it is run. */
export function resumeCommand(argv: readonly string[], { start, end }: Range): string {
  const kept: string[] = []
  for (let i = 0; i < argv.length; i++) {
    if (/^--(start|end)-time$/.test(argv[i])) i++
    else if (!/^--(start|end)-time=/.test(argv[i])) kept.push(argv[i])
  }
  return ['retrofill', ...kept, '--start-time', formatTime(start), '--end-time', formatTime(end)].map(quote).join(' ')
}

const quote = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
