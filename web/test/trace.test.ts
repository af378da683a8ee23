// The trace's pictures and files that need no browser: the custody strip, what a finding rests on, the fates of a batch, the
// rejects as a file, what a citizen's box takes for a code.

import { describe, expect, it } from 'vitest'
import type { BatchFlow, Pack, PackFinding, PublicPack, Reject } from '../src/base/packs'
import { decimal } from '../src/base/format'
import { fates, shareText } from '../src/desk/custody/fates'
import { evidence, firms } from '../src/desk/custody/history'
import { steps, strip } from '../src/desk/custody/strip'
import { clip, measure, wrap } from '../src/desk/custody/text'
import { codeText, isCode as isDeskCode } from '../src/desk/packs'
import { causes, cell, csvOf, ofCause } from '../src/doors/rejects'
import { refusal } from '../src/doors/trace_upload'
import { isCode, verdict } from '../src/public/pack'
// @ts-expect-error the stand-in is plain JavaScript
import { codes, packs } from './mock/packs.mjs'

const asked = (part: string[], language = 'zh') =>
  packs({}, { method: 'GET', part: ['packs', ...part], query: new URLSearchParams(), body: {}, empty: false, language })
    .body
const pack = (code: string): Pack => asked(['codes', code])
const twice = pack(codes.twice)
const all = Object.values(codes as Record<string, string>).map(pack)
const found = (rule: string): PackFinding => twice.findings.find((one) => one.rule === rule)!

describe('custody strip', () => {
  it('runs from left to right and leaves every label its room', () => {
    for (const one of all) {
      const drawn = strip(one, 900)
      const places = drawn.marks.map((mark) => mark.x)
      expect(places).toEqual([...places].sort((a, b) => a - b))
      places.slice(1).forEach((x, n) => expect(x - places[n]!).toBeGreaterThanOrEqual(72))
    }
  })
  it('draws hand-overs between neighbouring lanes only, and names the others', () => {
    for (const one of all) {
      const drawn = strip(one, 900)
      for (const way of drawn.ways) {
        const lanes = way.points.map(([, lane]) => lane)
        expect(Math.max(...lanes) - Math.min(...lanes)).toBe(1)
      }
      const told = drawn.ways.length + drawn.said.filter((said) => said.to !== null).length
      expect(told).toBe(one.edges.filter((edge) => edge.shipped !== null).length)
    }
  })
  it('shows the days in which nobody held the pack', () => {
    expect(strip(twice, 900).gaps.map((gap) => gap.days)).toEqual([22])
    expect(strip(pack(codes.recalled), 900).gaps).toEqual([])
  })
  it('lets the holder of now hold on', () => {
    const open = strip(pack(codes.opened), 900).holds.filter((hold) => hold.to === null)
    expect(open).toHaveLength(1)
    expect(strip(twice, 900).holds.filter((hold) => hold.to === null)).toEqual([])
  })
  it('survives a pack without events', () => {
    const drawn = strip(pack(codes.transit), 900)
    expect(drawn.marks).toEqual([])
    expect(drawn.lanes).toEqual([])
  })
  it('gives long times longer steps', () => {
    const at = steps(['2025-01-01T00:00:00Z', '2025-01-01T01:00:00Z', '2025-12-01T00:00:00Z'], 600)
    expect(at[2]! - at[1]!).toBeGreaterThan(at[1]! - at[0]!)
  })
})

describe('what a finding rests on', () => {
  it.each([
    ['second_sale', ['e108', 'e110']],
    ['receipt_after_sale', ['e108', 'e109']],
    ['outside_purchase', ['e109']],
    ['receipt_without_shipment', ['e109']],
  ])('%s: %j', (rule, expected) => expect(evidence(found(rule), twice)).toEqual(expected))
  it('is nothing where the key names nothing here', () =>
    expect(evidence({ ...found('outside_purchase'), key: 'e999' }, twice)).toEqual([]))
  it('reads the key of an event on a parent', () =>
    expect(evidence({ ...found('outside_purchase'), key: 'e109/' + twice.code }, twice)).toEqual(['e109']))
  it('takes the first event for a code that was never made', () =>
    expect(evidence({ ...found('outside_purchase'), rule: 'never_produced', key: twice.code }, twice)).toEqual(['e101']))
})

describe('firms of a pack', () => {
  it('stand in order of time, a supplier without a record before the receipt that names it', () =>
    expect(firms(twice).map((firm) => firm.operator.id)).toEqual(['M1', 'W1', 'H1', 'S1', 'W2', 'S4']))
  it('know who only others speak of', () =>
    expect(firms(twice).filter((firm) => !firm.events.length).map((firm) => firm.operator.id)).toEqual(['W2']))
})

describe('fates of a batch', () => {
  const counts = (more: Partial<BatchFlow['fates']>): BatchFlow['fates'] => ({
    produced: 100,
    held: 20,
    in_transit: 5,
    used: 70,
    destroyed: 1,
    sampled: 1,
    unaccounted: 3,
    ...more,
  })
  it('fill the bar and nothing more', () => {
    for (const one of [counts({}), counts({ unaccounted: -20, used: 93 }), counts({ produced: 0 })]) {
      const parts = fates(one)
      const last = parts[parts.length - 1]!
      expect(last.from + last.width).toBeLessThanOrEqual(100.01)
      for (const part of parts) expect(part.width).toBeGreaterThanOrEqual(0)
    }
    expect(fates(counts({})).reduce((sum, part) => sum + part.width, 0)).toBeCloseTo(100, 1)
  })
  it('tell a share that says something', () => {
    expect(shareText(12, 24000, decimal)).toBe('0.05%')
    expect(shareText(21606, 24000, decimal)).toBe('90.0%')
    expect(shareText(0, 24000, decimal)).toBe('0.0%')
    expect(shareText(1, 0, decimal)).toBe('')
  })
})

describe('rejects', () => {
  const one = (more: Partial<Reject>): Reject => ({
    file: 'a.csv',
    row: 2,
    field: 'code',
    code: 'code_malformed',
    message: 'm',
    next: 'n',
    ...more,
  })
  const list = [one({}), one({ row: 3 }), one({ row: 4, field: 'event_time', code: 'time_invalid' })]
  it('are grouped by cause, the most frequent first', () => {
    expect(causes(list).map((cause) => [cause.field, cause.rows])).toEqual([
      ['code', 2],
      ['event_time', 1],
    ])
    expect(ofCause(list, causes(list)[1]!.key).map((row) => row.row)).toEqual([4])
    expect(ofCause(list, '')).toHaveLength(3)
  })
  it.each([
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@a', "'@a"],
    ['a,b', '"a,b"'],
    ['two\nlines', '"two\nlines"'],
    ['plain', 'plain'],
    [7, '7'],
  ])('%j is written %j', (value, expected) => expect(cell(value)).toBe(expected))
  it('are a file that spreadsheets read', () => {
    const text = csvOf(['file', 'row'], list)
    expect(text.startsWith('\ufefffile,row\r\n')).toBe(true)
    expect(text.split('\r\n')).toHaveLength(5)
  })
})

describe('a file to upload', () => {
  it.each([
    ['a.csv', 1, null],
    ['A.XLSX', 1, null],
    ['a.zip', 1, null],
    ['a.jsonld', 1, null],
    ['a.csv.exe', 1, 'type'],
    ['csv', 1, 'type'],
    ['a.xml', 0, 'empty'],
    ['a.xml', 65 * 1048576, 'size'],
  ])('%s of %d bytes: %s', (name, bytes, expected) => expect(refusal(name, bytes)).toBe(expected))
})

describe('a code', () => {
  it.each([
    ['81000010012345678901', true],
    ['8100 0010 0123 4567 8901', true],
    ['８１００００１００１２３４５６７８９０１', true],
    ['(01)06901234567892(21)A1', true],
    ['010690123456789221A1', true],
    ['https://id.gs1.org/01/06901234567892/21/A1', true],
    ['来雁药房', false],
    ['123', false],
  ])('%s for a citizen: %s', (text, expected) => expect(isCode(text)).toBe(expected))
  it.each([
    ['81000010012345678901', true],
    ['(00)106901234567892345', true],
    ['B240817', false],
    ['241103', false],
  ])('%s at the desk: %s', (text, expected) => expect(isDeskCode(text)).toBe(expected))
  it('is printed in fours where it is digits', () => {
    expect(codeText('81000010012345678901')).toBe('8100 0010 0123 4567 8901')
    expect(codeText('(01)06901234567892(21)A1')).toBe('(01)06901234567892(21)A1')
  })
})

describe('what a citizen is told first', () => {
  const base: PublicPack = {
    code: '1',
    well_formed: true,
    kind: 'national',
    product: null,
    maker: null,
    issued: 'yes',
    sale: 'sold_once',
    expired: false,
    recalled: false,
    advice: '',
    warn: false,
    report: null,
  }
  it.each([
    [{}, 'sold_once'],
    [{ sale: 'split' as const }, 'split'],
    [{ sale: 'sold_before' as const, recalled: true }, 'recalled'],
    [{ sale: 'sold_before' as const, expired: true }, 'expired'],
    [{ sale: 'sold_before' as const, issued: 'elsewhere' as const }, 'sold_before'],
    [{ issued: 'unknown' as const }, 'unknown'],
    [{ well_formed: false, recalled: true }, 'malformed'],
  ])('%j: %s', (more, expected) => expect(verdict({ ...base, ...more })).toBe(expected))
})

describe('text in a drawing', () => {
  it('is cut to its width', () => {
    expect(clip('湖南澄岳制药有限公司', 60, 12)).toBe('湖南澄岳…')
    expect(measure(clip('Hunan Chengyue Pharmaceutical', 90, 12), 12)).toBeLessThanOrEqual(90)
    expect(clip('短', 60, 12)).toBe('短')
  })
  it('breaks between words and between characters', () => {
    expect(wrap('衡阳澄和堂大药房连锁有限公司', 104, 13, 2)).toEqual(['衡阳澄和堂大药房', '连锁有限公司'])
    expect(wrap('Hengyang Chengyue Trading', 90, 13, 2)).toHaveLength(2)
    expect(wrap('Hengyang Chengyue Trading and Sons Limited of Hengyang', 90, 13, 2)[1]).toMatch(/…$/)
  })
})
