import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, oneAtATime, run } from './support.ts'

/** Java that starts fast and stays small. */
export const smallJava = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'] as const

/**
 * A folder with Maven artifacts (`group:artifact:version`) and all that they need at run time, downloaded once. `sources` are Java
 * classes by name, compiled against them.
 */
export function javaServer(
  name: string,
  artifacts: readonly string[],
  sources: Readonly<Record<string, string>> = {},
): Promise<{ readonly classPath: string }> {
  return oneAtATime('maven', async () => {
    const folder = join(cacheFolder(name), 'java')
    if (!existsSync(folder)) await install(folder, artifacts, sources)
    return { classPath: `${join(folder, 'classes')}:${join(folder, 'lib/*')}` }
  })
}

async function install(
  folder: string,
  artifacts: readonly string[],
  sources: Readonly<Record<string, string>>,
): Promise<void> {
  const draft = await mkdtemp(`${folder}-`)
  try {
    await writeFile(join(draft, 'pom.xml'), pom(artifacts))
    const output = ['-DoutputDirectory=lib', '-DincludeScope=runtime']
    await run('mvn', ['-B', '-q', '-f', 'pom.xml', 'dependency:copy-dependencies', ...output], { cwd: draft })
    await mkdir(join(draft, 'classes'))
    for (const [name, text] of Object.entries(sources)) {
      await writeFile(join(draft, `${name}.java`), text)
      await run('javac', ['-cp', 'lib/*', '-d', 'classes', `${name}.java`], { cwd: draft })
    }
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

function pom(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test</groupId><artifactId>server</artifactId><version>1</version>
<dependencies>
${dependencies.join('\n')}
</dependencies></project>
`
}
