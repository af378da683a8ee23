// What the web app is made of: few parts, all of them free to be given to a bureau.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Part {
  dev?: boolean
  license?: string
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
const parts: Record<string, Part> = read('package-lock.json').packages
const names = Object.keys(parts).filter((name) => name !== '')
const served = names.filter((name) => !parts[name]?.dev)
const free = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']
/** Tools may be under a weak copyleft: nothing of them is in what is served. */
const tools = [...free, 'MPL-2.0', 'Python-2.0', '(MIT OR CC0-1.0)']

describe('dependencies', () => {
  it('are few', () => {
    expect(Object.keys(read('package.json').dependencies).length).toBeLessThanOrEqual(8)
    expect(served.length).toBeGreaterThan(0)
    expect(served.length).toBeLessThanOrEqual(65)
  })
  it.each(served)('%s may be served', (name) => expect(free).toContain(parts[name]?.license))
  it.each(names.filter((name) => parts[name]?.dev))('%s may be used', (name) => expect(tools).toContain(parts[name]?.license))
})
