// After the build: refuses what the content security policy would refuse, holds every entry to its size, and
// lays a .br and a .gz beside every file that gains by it, so that the server need not compress.

import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** What the first load of an entry may weigh, gzip KiB: the page, and every script and style it names or those
    import; `pages` are the desk's pages that are loaded after it. */
export const budgets = { desk: 120, list: 80, charts: 225, field: 60, portal: 80, public: 10 }
const page = {
  desk: 'index.html',
  field: 'field/index.html',
  portal: 'portal/index.html',
  public: 'public/index.html',
}
const chunk = { list: /^Dossiers-/, charts: /^Compare-/ }

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

/** The files a page or a script loads before it runs: what it names, and what its scripts import statically. */
export function loads(directory, path) {
  const seen = new Set()
  const visit = (file) => {
    if (seen.has(file) || !existsSync(file)) return
    seen.add(file)
    const text = ['.html', '.js'].includes(extname(file)) ? readFileSync(file, 'utf8') : ''
    const named =
      extname(file) === '.html'
        ? [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map((match) => match[1])
        : [...text.matchAll(/(?:\bfrom|\bimport)\s*"(\.{1,2}\/[^"]+\.js)"/g)].map((match) => match[1])
    for (const one of named)
      visit(one.startsWith('/') ? join(directory, one) : normalize(join(dirname(file), one)))
  }
  visit(path)
  return [...seen]
}
const weight = (paths) =>
  paths.reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0)

/** KiB gz of every entry, and of the desk's heavier pages over its first load. */
export function weights(directory) {
  const result = {}
  for (const [name, file] of Object.entries(page))
    if (existsSync(join(directory, file)))
      result[name] = weight(loads(directory, join(directory, file))) / 1024
  const first = new Set(loads(directory, join(directory, page.desk)))
  for (const [name, pattern] of Object.entries(chunk)) {
    const file = files(join(directory, 'assets')).find(
      (path) => pattern.test(path.split('/').pop() ?? '') && path.endsWith('.js'),
    )
    if (file) result[name] = weight(loads(directory, file).filter((path) => !first.has(path))) / 1024
  }
  return result
}

function finish(directory) {
  for (const path of files(directory)) {
    const bytes = readFileSync(path)
    if (extname(path) === '.html') {
      const found = inline(bytes.toString())
      if (found.length) throw new Error(`${path}: ${found.join(', ')}`)
    }
    const gz = gzipSync(bytes, { level: 9 })
    if (
      !['.html', '.js', '.css', '.svg', '.json', '.webmanifest'].includes(extname(path)) ||
      gz.length >= bytes.length
    )
      continue
    writeFileSync(path + '.gz', gz)
    writeFileSync(
      path + '.br',
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    )
  }
  const found = Object.entries(weights(directory))
  const over = found.filter(([name, kib]) => kib > budgets[name])
  console.log(
    'KiB gz  ' + found.map(([name, kib]) => `${name} ${kib.toFixed(1)} of ${budgets[name]}`).join(' · '),
  )
  if (over.length) throw new Error(`over budget: ${over.map(([name]) => name).join(', ')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  finish(fileURLToPath(new URL('../dist', import.meta.url)))
