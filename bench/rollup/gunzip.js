// Unpacks every file of a directory, one after another, and does nothing with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const [directory] = process.argv.slice(2)
for (const name of readdirSync(directory)) gunzipSync(readFileSync(join(directory, name)), { chunkSize: 1 << 20 })
