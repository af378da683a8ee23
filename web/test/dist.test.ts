// What is served runs under default-src 'self': nothing inline, nothing from elsewhere, nothing evaluated.

import { existsSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { budgets, files, inline, weights } from '../build/finish.mjs'

const dist = new URL('../dist', import.meta.url).pathname

describe('inline', () => {
  it.each([
    ['<script>1</script>', 1],
    ['<style>a{}</style>', 1],
    ['<p style="color:red">', 1],
    ['<a onclick="x()">', 1],
    ['<link href="https://example.org/a.css">', 1],
    ['<script src="//example.org/a.js"></script>', 1],
    ['<img src="data:image/png;base64,">', 1],
    ['<script type="module" src="/assets/a.js"></script><link rel="stylesheet" href="/assets/a.css">', 0],
  ])('%s', (html, found) => expect(inline(html)).toHaveLength(found))
})

describe.skipIf(!existsSync(dist))('dist', () => {
  const all = existsSync(dist) ? files(dist) : []
  it('has a page that holds nothing inline', () => {
    const pages = all.filter((path) => extname(path) === '.html')
    expect(pages.length).toBeGreaterThan(0)
    for (const path of pages) expect(inline(readFileSync(path, 'utf8'))).toEqual([])
  })
  it('evaluates nothing and asks no other host', () => {
    for (const path of all.filter((one) => extname(one) === '.js')) {
      const text = readFileSync(path, 'utf8')
      expect(text).not.toMatch(/\beval\(|new Function\(|document\.write\(/)
      const hosts = [...text.matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1])
      expect(hosts.filter((host) => !['www.w3.org', 'vuejs.org', 'github.com'].includes(host ?? ''))).toEqual(
        [],
      )
    }
    for (const path of all.filter((one) => extname(one) === '.css'))
      expect(readFileSync(path, 'utf8')).not.toMatch(/url\(\s*["']?(?:data|https?):/)
  })
  it('keeps every entry within its first load', () => {
    const found = weights(dist)
    expect(Object.keys(found)).toContain('desk')
    for (const [name, kib] of Object.entries(found)) expect(kib, name).toBeLessThanOrEqual(budgets[name] ?? 0)
  })
  it('lies there compressed too, byte for byte the same', () => {
    for (const path of all.filter((one) => existsSync(one + '.gz'))) {
      const bytes = readFileSync(path)
      expect(gunzipSync(readFileSync(path + '.gz')).equals(bytes)).toBe(true)
      expect(brotliDecompressSync(readFileSync(path + '.br')).equals(bytes)).toBe(true)
    }
  })
})
