// The check of a draw in the browser against the bundles that the program wrote and a Python script reproduces.
import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { check, hex, pseudonym, sha256, sm3, Wrong } from '../src/base/draw'

const bundle = (name: string) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../docs/formats/draw/${name}`, import.meta.url))))
const bytes = (text: string) => new TextEncoder().encode(text)

describe('draw', () => {
  it('hashes as the standards say', () => {
    expect(hex(sm3(bytes('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    expect(hex(sm3(bytes('abcd'.repeat(16))))).toBe('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732')
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 300]) {
      const given = bytes('x'.repeat(length))
      expect(hex(sha256(given))).toBe(createHash('sha256').update(given).digest('hex'))
    }
  })
  it('finds that the golden bundles hold', () => {
    for (const name of ['small_sm3.draw', 'small_sha256.draw']) {
      const draw = check(bundle(name))
      expect(draw.places.filter((place) => place.drawn)).toHaveLength(5)
      expect(draw.units).toBe(12)
      expect(draw.parties).toEqual(['regulator', 'supervision'])
    }
  })
  it('sees every changed byte', () => {
    const good = bundle('small_sm3.draw')
    for (let i = 0; i < good.length; i++) {
      const changed = good.slice()
      changed[i]! ^= 1
      expect(() => check(changed), `byte ${i}`).toThrow(Wrong)
    }
  })
  it('sees a forger who corrects the last line', () => {
    const whole = new TextDecoder().decode(bundle('small_sm3.draw'))
    const forge = (change: (text: string) => string) => {
      const text = change(whole.slice(0, whole.lastIndexOf('end ')))
      return bytes(`${text}end ${hex(sm3(bytes(text)))}\n`)
    }
    expect(check(forge((text) => text)).number).toBe(1)
    const what = (change: (text: string) => string) => {
      try {
        check(forge(change))
      } catch (cause) {
        return (cause as Wrong).what
      }
      return 'holds'
    }
    expect(what((text) => text.replace('number 1', 'number 2'))).toBe('seed')
    expect(what((text) => text.replace('party regulator', 'party regulatoor'))).toBe('party')
    expect(what((text) => text.replace(/^unit (.)/m, (_, c) => 'unit ' + (c === '0' ? '1' : '0')))).toBe('root')
    expect(what((text) => text.replace(/ [0-9a-f]{32}$/m, ' ' + '0'.repeat(32)))).toBe('ticket')
    expect(what((text) => text.replace(/^drawn .*\n/m, ''))).toBe('places')
    expect(what((text) => text.replace('qingyuan-draw 1', 'qingyuan-draw 2'))).toBe('not_a_bundle')
  })
  it('finds an operator by its salt', () => {
    expect(pseudonym('00'.repeat(32), 'op-1')).toMatch(/^[0-9a-f]{64}$/)
    expect(() => pseudonym('zz', 'op-1')).toThrow(Wrong)
  })
})
