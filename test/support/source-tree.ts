import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

export interface SourceFile {
  /** Path below `src`, such as `time/range.ts`. */
  readonly name: string
  readonly text: string
  readonly lines: number
  readonly tree: ts.SourceFile
}

export interface Import {
  readonly path: SourceFile
  readonly typeOnly: boolean
}

export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
  readonly nesting: number
}

const root = join(import.meta.dirname, '../../src')
const byName = new Map<string, SourceFile>()

/** Every TypeScript file below `src`. */
export function sourceFiles(): SourceFile[] {
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (entry.endsWith('.ts') && !byName.has(entry)) byName.set(entry, read(entry))
  }
  return [...byName.values()]
}

function read(name: string): SourceFile {
  const text = readFileSync(join(root, name), 'utf8')
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true)
  return { name, text, lines: text.split('\n').length - 1, tree }
}

/** The folder directly below `src`. */
export const roomOf = (file: SourceFile): string => file.name.split('/')[0]

export const isPublicEntry = (file: SourceFile): boolean => file.name === 'index.ts'

/** The files of `src` that a file imports or re-exports, statically or by `import()`. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return
    const path = byName.get(relative(root, join(root, dirname(file.name), specifier.text)))
    if (path) found.push({ path, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], true)
    ts.forEachChild(node, visit)
  }
  visit(file.tree)
  return found
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false
  if (importClause.isTypeOnly) return true
  const { namedBindings } = importClause
  if (importClause.name || !namedBindings || !ts.isNamedImports(namedBindings)) return false
  return namedBindings.elements.every((element) => element.isTypeOnly)
}

/** Named functions, methods and functions kept in a constant; callbacks inside them count as part of them. */
export function functionsOf(file: SourceFile): FunctionSize[] {
  const found: FunctionSize[] = []
  const visit = (node: ts.Node): void => {
    const fn = namedFunction(node)
    if (fn) found.push(measure(file.tree, fn.name, fn.node))
    ts.forEachChild(node, visit)
  }
  visit(file.tree)
  return found
}

function namedFunction(node: ts.Node): { name: string; node: ts.FunctionLikeDeclaration } | undefined {
  if (
    (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) &&
    node.body
  )
    return { name: node.name?.getText() ?? 'constructor', node }
  if (!ts.isVariableDeclaration(node) && !ts.isPropertyAssignment(node)) return undefined
  const value = node.initializer
  if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)))
    return { name: node.name.getText(), node: value }
  return undefined
}

function measure(tree: ts.SourceFile, name: string, node: ts.FunctionLikeDeclaration): FunctionSize {
  const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line + 1
  const line = lineOf(node.getStart())
  return {
    name,
    line,
    lines: lineOf(node.getEnd()) - line + 1,
    parameters: node.parameters.length,
    nesting: nesting(node),
  }
}

function nesting(node: ts.Node): number {
  let deepest = 0
  ts.forEachChild(node, (child) => {
    if (namedFunction(child)) return
    deepest = Math.max(deepest, nesting(child) + (nests(child) ? 1 : 0))
  })
  return deepest
}

const nests = (node: ts.Node): boolean =>
  ts.isForStatement(node) ||
  ts.isForOfStatement(node) ||
  ts.isForInStatement(node) ||
  ts.isWhileStatement(node) ||
  ts.isDoStatement(node) ||
  ts.isSwitchStatement(node) ||
  ts.isTryStatement(node) ||
  (ts.isIfStatement(node) && !(ts.isIfStatement(node.parent) && node.parent.elseStatement === node))
