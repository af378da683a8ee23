// Colours keep their contrast: text 4.5:1, marks and edges 3:1, computed from the tokens themselves. Sizes keep
// to their scale.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contrast, inkOn } from '../src/desk/charts/contrast'

const css = readFileSync(new URL('../src/base/tokens.css', import.meta.url), 'utf8').replace(
  /\/\*[\s\S]*?\*\//g,
  '',
)
const declared = (block: string) =>
  Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!.trim()]),
  )
const block = (selector: RegExp) => declared(selector.exec(css)?.[1] ?? '')
const root = block(/:root\s*\{([^}]*)\}/)
const print = declared(/@media print\s*\{\s*[^{]+\{([^}]*)\}/.exec(css)?.[1] ?? '')
const themes = {
  light: block(/\[data-theme="light"\]\s*\{([^}]*)\}/),
  dark: block(/\[data-theme="dark"\]\s*\{([^}]*)\}/),
}
const grounds = ['paper', 'surface', 'sunken', 'accent-soft']
const text = ['ink', 'ink-2', 'ink-3', 'accent', 'accent-2', 'red', 'amber', 'yellow', 'green']
const marks = ['edge', 'accent', 'red', 'amber', 'green', 'ink-3']

describe.each(Object.entries(themes))('%s', (_name, tokens) => {
  const value = (token: string) => tokens[token] ?? ''
  it.each(text.flatMap((ink) => grounds.map((ground) => [ink, ground] as const)))(
    'text %s on %s',
    (ink, ground) => {
      expect(contrast(value(ink), value(ground))).toBeGreaterThanOrEqual(4.5)
    },
  )
  it.each(marks.flatMap((mark) => grounds.map((ground) => [mark, ground] as const)))(
    'mark %s on %s',
    (mark, ground) => {
      expect(contrast(value(mark), value(ground))).toBeGreaterThanOrEqual(3)
    },
  )
  it.each([
    ['on-accent', 'accent'],
    ['on-accent', 'accent-2'],
    ['ink', 'red-soft'],
    ['red', 'red-soft'],
    ['amber', 'amber-soft'],
    ['ink', 'amber-soft'],
    ['green', 'green-soft'],
    ['ink', 'green-soft'],
    ['paper', 'ink'],
    ['ink-3', 'red-soft'],
  ])('text %s on %s', (ink, ground) =>
    expect(contrast(value(ink), value(ground))).toBeGreaterThanOrEqual(4.5),
  )
  it.each([0, 1, 2, 3, 4, 5])('a label on shade %i', (step) => {
    const ground = value(`scale-${step}`)
    const inks = [root['scale-dark']!, root['scale-light']!]
    expect(contrast(ground, inkOn(ground, inks))).toBeGreaterThanOrEqual(4.5)
  })
  it('shades one way', () => {
    const ratio = [1, 2, 3, 4, 5].map((step) => contrast(value(`scale-${step}`), value('paper')))
    for (const [index, one] of ratio.slice(1).entries()) expect(one).toBeGreaterThan(ratio[index]!)
  })
})

describe('tokens', () => {
  it('declare the same colours in both themes', () => {
    expect(Object.keys(themes.dark).sort()).toEqual(Object.keys(themes.light).sort())
  })
  it('print black on white', () => {
    for (const ink of ['ink', 'ink-2', 'ink-3', 'red', 'amber', 'green', 'accent'])
      expect(contrast(print[ink]!, '#ffffff')).toBeGreaterThanOrEqual(7)
  })
  it('keep type and space to their scales', () => {
    expect(Object.keys(root).filter((name) => name.startsWith('t-'))).toEqual([
      't-12',
      't-13',
      't-14',
      't-16',
      't-20',
      't-28',
    ])
    expect(
      Object.entries(root)
        .filter(([name]) => /^s-\d/.test(name))
        .map(([, size]) => parseInt(size)),
    ).toEqual([4, 8, 12, 16, 24, 32, 48])
  })
  it('give the elder view 20 px at least, 24 px for the body and targets of 60 px', () => {
    const elder = block(/\[data-size="elder"\]\s*\{([^}]*)\}/)
    for (const [name, size] of Object.entries(elder).filter(([one]) => one.startsWith('t-')))
      expect(parseFloat(size) * 16, name).toBeGreaterThanOrEqual(20)
    expect(parseFloat(elder['t-14']!) * 16).toBe(24)
    expect([elder['tap'], elder['control']]).toEqual(['60px', '60px'])
  })
  it('are the only place with a colour', () => {
    const styles = (directory: string): string[] =>
      readdirSync(directory).flatMap((name) => {
        const path = join(directory, name)
        return statSync(path).isDirectory()
          ? styles(path)
          : /\.(css|vue)$/.test(name) && name !== 'tokens.css'
            ? [path]
            : []
      })
    const source = new URL('../src', import.meta.url).pathname
    for (const path of styles(source)) {
      const found = readFileSync(path, 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .match(/#[0-9a-f]{3,8}\b(?=[;\s,)])|\brgba?\(|\bhsl/gi)
      expect(found?.filter((one) => !one.startsWith('#') || !/^#(x|app)/.test(one)) ?? [], path).toEqual([])
    }
  })
})
