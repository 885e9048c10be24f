import { describe, expect, it } from 'vitest'
import { functionsOf, importsOf, isPublicEntry, roomOf, sourceFiles } from './support/source-tree.ts'

/** Rooms in the order of imports: a room may import from itself and from rooms on lines above its own. */
const layers: readonly (readonly string[])[] = [
  ['util'],
  ['time', 'parquet', 'random', 'bucket'],
  ['metric'],
  ['rollup', 'archive', 'metrics-file'],
  ['store'],
  ['source'],
  ['backfill', 'download'],
  ['generate'],
  ['simulate'],
  ['config'],
  ['cli'],
]
/** Rooms that know no clock, no I/O and no randomness of their own. */
const pure = ['time', 'metric', 'rollup', 'random']
const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|from 'node:(?!crypto')/

const fileBudget = 400
/** Lines of all files of a folder. */
const folderBudgets = { 'parquet/write': 400 }
const functionBudget = 60
const parameterBudget = 3
const nestingBudget = 3

const layerOf = (room: string) => layers.findIndex((rooms) => rooms.includes(room))
const files = sourceFiles()

describe('the layout of src', () => {
  it('has a layer for every room', () => {
    const rooms = new Set(files.filter((file) => !isPublicEntry(file)).map((file) => roomOf(file)))
    expect([...rooms].filter((room) => layerOf(room) < 0)).toEqual([])
  })

  it('imports one way: from rooms of lower layers only', () => {
    const wrong = files.flatMap((file) => {
      if (isPublicEntry(file)) return []
      const room = roomOf(file)
      return importsOf(file)
        .filter(({ path }) => roomOf(path) !== room && layerOf(roomOf(path)) >= layerOf(room))
        .map(({ path }) => `${file.name} → ${path.name}`)
    })
    expect(wrong).toEqual([])
  })

  it('never imports the public index from inside', () => {
    const wrong = files.filter((file) => importsOf(file).some(({ path }) => isPublicEntry(path)))
    expect(wrong.map((file) => file.name)).toEqual([])
  })

  it('has no import cycle', () => {
    const state = new Map<string, 'open' | 'done'>()
    const cycles: string[] = []
    const visit = (file: (typeof files)[number], trail: string[]): void => {
      if (state.get(file.name) === 'done') return
      if (state.get(file.name) === 'open') {
        cycles.push([...trail, file.name].join(' → '))
        return
      }
      state.set(file.name, 'open')
      for (const { path, typeOnly } of importsOf(file)) if (!typeOnly) visit(path, [...trail, file.name])
      state.set(file.name, 'done')
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  it('keeps the core pure: no clock, no I/O, no randomness', () => {
    const wrong = files.filter((file) => pure.includes(roomOf(file)) && impure.test(file.text))
    expect(wrong.map((file) => file.name)).toEqual([])
  })

  it(`keeps every file within ${fileBudget} lines`, () => {
    const long = files.filter((file) => file.lines > fileBudget)
    expect(long.map((file) => `${file.name}: ${file.lines}`)).toEqual([])
  })

  it.each(Object.entries(folderBudgets))('keeps %s within %i lines', (folder, budget) => {
    const inside = files.filter((file) => file.name.startsWith(`${folder}/`))
    const lines = inside.reduce((sum, file) => sum + file.lines, 0)
    expect(lines).toBeGreaterThan(0)
    expect(lines).toBeLessThanOrEqual(budget)
  })

  it(`keeps functions within ${functionBudget} lines, ${parameterBudget} parameters, ${nestingBudget} levels of nesting`, () => {
    const wrong = files.flatMap((file) =>
      functionsOf(file)
        .filter((fn) => fn.lines > functionBudget || fn.parameters > parameterBudget || fn.nesting > nestingBudget)
        .map(
          (fn) =>
            `${file.name}:${fn.line} ${fn.name}: ${fn.lines} lines, ${fn.parameters} parameters, nesting ${fn.nesting}`,
        ),
    )
    expect(wrong).toEqual([])
  })

  it('keeps the median file within 80 lines and the median function within 8', () => {
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
    expect(median(files.map((file) => file.lines))).toBeLessThanOrEqual(80)
    expect(median(files.flatMap((file) => functionsOf(file).map((fn) => fn.lines)))).toBeLessThanOrEqual(8)
  })
})
