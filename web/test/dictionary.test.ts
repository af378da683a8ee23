// The two halves of the desk's dictionary say the same things, and every word is used.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../src/desk/en'
import zh from '../src/desk/zh'

const keys = Object.keys(zh) as (keyof typeof zh)[]
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort()

function sources(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) return sources(path)
    return /\.(ts|vue)$/.test(name) && !/^(zh|en)(_\w+)?\.ts$|schema\.d\.ts$/.test(name)
      ? [readFileSync(path, 'utf8')]
      : []
  })
}
const code = ['base', 'desk'].flatMap((room) => sources(new URL('../src/' + room, import.meta.url).pathname))

describe('dictionary', () => {
  it('has the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort())
  })
  it.each(keys)('%s is filled and has the same holes', (key) => {
    expect(zh[key].trim()).not.toBe('')
    expect(en[key].trim()).not.toBe('')
    expect(holes(en[key])).toEqual(holes(zh[key]))
  })
  it('writes English without Chinese characters', () => {
    expect(keys.filter((key) => /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/.test(en[key]))).toEqual([])
  })
  it('writes Chinese with full-width punctuation', () => {
    expect(keys.filter((key) => /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/.test(zh[key]))).toEqual(
      [],
    )
  })
  it('holds no word that nothing says', () => {
    const text = code.join('\n')
    const families = [...text.matchAll(/`([a-z]+\.(?:[a-z]+[_.])?)\$\{/g)].map((match) => match[1] ?? '')
    expect(families.length).toBeGreaterThan(0)
    const said = new Set([...text.matchAll(/'([\w.]+)'/g)].map((match) => match[1]))
    const silent = keys.filter(
      (key) => !said.has(key) && !families.some((family) => key.startsWith(family)),
    )
    expect(silent).toEqual([])
  })
  it('names every row of the access table', () => {
    const table = readFileSync(new URL('../../src/access/policy.def', import.meta.url), 'utf8')
    const rows = [...table.matchAll(/^X\((\w+)/gm)].map((match) => match[1])
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter((row) => !(`policy.${row}` in zh))).toEqual([])
  })
  it('is the only place with Chinese in the interface', () => {
    const spoken = code.map((text) =>
      text
        .replace(/<script[^>]*>|<\/script>/g, '')
        .split('\n')
        .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && !line.includes('zh:') && !line.includes("text('"))
        .join('\n')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\/\/.*$/gm, ''),
    )
    const allowed = /清|中文|年|月|日|星期|周|元|一|二|三|四|五|六|七|八|九|十|、|，/g
    expect(spoken.flatMap((text) => text.replace(allowed, '').match(/[\u4e00-\u9fff]+/g) ?? [])).toEqual([])
  })
})
