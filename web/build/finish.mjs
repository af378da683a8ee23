// After the build: refuses what the content security policy would refuse, holds the bundle to its size, and
// lays a .br and a .gz beside every file that gains by it, so that the server need not compress.

import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const script_gz_bytes_max = 200 * 1024

export function files(directory) {
  return readdirSync(directory)
    .flatMap((name) => {
      const path = join(directory, name)
      return statSync(path).isDirectory() ? files(path) : [path]
    })
    .filter((path) => !/\.(br|gz)$/.test(path))
}

/** What default-src 'self' would block in a page. */
export function inline(html) {
  const found = []
  if (/<script(?![^>]*\ssrc=)[^>]*>/i.test(html)) found.push('an inline script')
  if (/<style[\s>]/i.test(html)) found.push('an inline style element')
  if (/\sstyle\s*=/i.test(html)) found.push('a style attribute')
  if (/\son[a-z]+\s*=/i.test(html)) found.push('an event attribute')
  if (/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i.test(html)) found.push('an address of another host')
  if (/["']data:/i.test(html)) found.push('a data address')
  return found
}

function finish(directory) {
  let script = 0
  for (const path of files(directory)) {
    const bytes = readFileSync(path)
    if (extname(path) === '.html') {
      const found = inline(bytes.toString())
      if (found.length) throw new Error(`${path}: ${found.join(', ')}`)
    }
    const gz = gzipSync(bytes, { level: 9 })
    if (extname(path) === '.js') script += gz.length
    if (!['.html', '.js', '.css', '.svg', '.json'].includes(extname(path)) || gz.length >= bytes.length)
      continue
    writeFileSync(path + '.gz', gz)
    writeFileSync(
      path + '.br',
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    )
  }
  if (script > script_gz_bytes_max)
    throw new Error(`script is ${script} bytes gz, more than ${script_gz_bytes_max}`)
  console.log(`script ${(script / 1024).toFixed(1)} KiB gz of ${script_gz_bytes_max / 1024}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  finish(fileURLToPath(new URL('../dist', import.meta.url)))
