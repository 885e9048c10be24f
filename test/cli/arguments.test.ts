import { describe, expect, it } from 'vitest'
import { spellOut } from '../../src/cli/arguments.ts'
import { commands } from '../../src/cli/commands.ts'

const [simulate, backfill] = await Promise.all([commands.simulate.load(), commands.backfill.load()])
const spell = (...words: string[]) => spellOut(['simulate', ...words], simulate).slice(1)

describe('a command line', () => {
  it.each([
    ['words after a list belong to it', '--reports cpus cost --name x', '--reports=cpus --reports=cost --name x'],
    ['a list may be given again', '--reports=cpus --reports cost', '--reports=cpus --reports=cost'],
    ['a list may go on after =', '--compare=a b', '--compare=a --compare=b'],
    ['a letter is its flag, and ends a list', '--compare a -q', '--compare=a --quiet'],
    ['camel case is spelled with dashes', '--startTime -12h --endTime=now', '--start-time -12h --end-time=now'],
    ['a word after a plain flag stays', '--name x y', '--name x y'],
    ['a synonym is its flag', '--metrics-data-file f --role=r', '--metrics-data-files=f --pool=r'],
  ])('%s', (_, given, expected) => {
    expect(spell(...given.split(' '))).toEqual(expected.split(' '))
  })

  it.each([
    ['--refresh --quiet', '--refresh=all --quiet'],
    ['--quiet --refresh', '--quiet --refresh=all'],
    ['--refresh 2026-01-01/2026-01-02', '--refresh 2026-01-01/2026-01-02'],
    ['--refresh=-2d/now', '--refresh=-2d/now'],
  ])('may leave a value out where that means something: %s', (given, expected) => {
    expect(spellOut(['backfill', ...given.split(' ')], backfill)).toEqual(['backfill', ...expected.split(' ')])
  })

  it.each([
    [['--start-time='], '--start-time has an empty value'],
    [['--startTime='], '--start-time has an empty value'],
    [['--reports='], '--reports has an empty value'],
    [['--result', ''], '--result has an empty value'],
    [['--reports', ''], '--reports has an empty value'],
    [['--role='], '--pool has an empty value'],
    [['--quiet='], '--quiet has an empty value'],
  ])('is refused where a flag has an empty value: %j', (words, message) => {
    expect(() => spell(...words)).toThrow(message)
  })

  it('may have a value at its letter', () => {
    const spelled = spellOut(['backfill', '-ofilter=a:b', 'realm=x', '-q'], backfill).slice(1)
    expect(spelled).toEqual(['--option=filter=a:b', '--option=realm=x', '--quiet'])
  })
})
