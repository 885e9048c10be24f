// Preloaded by tests: writes the URL of every module that is imported, and of every one of WebAssembly that is read, by any thread, into
// the file that LOADED names.
import fs from 'node:fs'
import { register, syncBuiltinESMExports } from 'node:module'

const hooks = `
  import { appendFileSync } from 'node:fs'
  export function load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\n')
    return next(url, context)
  }`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)

const { readFileSync } = fs
fs.readFileSync = (path, ...rest) => {
  if (String(path).endsWith('.wasm')) fs.appendFileSync(process.env.LOADED, `${path}\n`)
  return readFileSync(path, ...rest)
}
syncBuiltinESMExports()
