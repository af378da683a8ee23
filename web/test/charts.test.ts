// Charts: marks stand where their numbers say, tables say the same numbers, labels can be read.

import { describe, expect, it, vi } from 'vitest'

vi.mock('../src/desk/language', () => ({
  t: (key: string, values: Record<string, unknown> = {}) =>
    `${key} ${Object.values(values).join(' ')}`.trim(),
  pick: (texts: { zh: string } | null) => texts?.zh ?? '',
}))
vi.mock('../src/desk/session', () => ({ unitName: (unit: { zh: string }) => unit.zh }))

import { contrast, inkOn, luminance } from '../src/desk/charts/contrast'
import { ageBins, ranked, stepOf, type UnitValue } from '../src/desk/charts/figures'
import { linear, ticks } from '../src/desk/charts/scale'
import { provinces } from '../src/desk/charts/tiles'
import { treemap } from '../src/desk/charts/treemap'
import { bounds, compared, rateText, twin } from '../src/desk/compare'
import { sampleComparison } from '../src/desk/gallery'

/** A repeatable stream of numbers in [0, 1). */
function stream(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}
const unit = (more: Partial<UnitValue>): UnitValue => ({
  id: 'a',
  name: 'a',
  value: 1,
  base: 100,
  rate: 0.01,
  small: false,
  outside: 'none',
  ...more,
})

describe('contrast', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#fff', '#ffffff', 1],
  ])('%s on %s', (one, other, value) => expect(contrast(one, other)).toBeCloseTo(value, 1))
  it('knows no other notation', () => {
    for (const text of ['', 'red', '#12', '#12345', 'rgb(0,0,0)']) expect(luminance(text)).toBeNaN()
  })
  it('takes the better ink on every grey', () => {
    for (let grey = 0; grey < 256; grey += 1) {
      const ground = '#' + grey.toString(16).padStart(2, '0').repeat(3)
      expect(contrast(ground, inkOn(ground, ['#000000', '#ffffff']))).toBeGreaterThanOrEqual(4.5)
    }
  })
})

describe('treemap', () => {
  it('gives every value its exact area, inside the box, without overlap', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = stream(seed)
      const values = Array.from({ length: 1 + Math.floor(next() * 30) }, () => Math.floor(next() * 500))
      const width = 100 + next() * 900
      const height = 100 + next() * 400
      const tiles = treemap(values, (value) => value, width, height)
      const total = values.reduce((sum, value) => sum + value, 0)
      expect(tiles.length).toBe(values.filter((value) => value > 0).length)
      for (const tile of tiles) {
        expect(tile.width * tile.height).toBeCloseTo((tile.item / total) * width * height, 4)
        expect(tile.x).toBeGreaterThanOrEqual(-1e-6)
        expect(tile.x + tile.width).toBeLessThanOrEqual(width + 1e-6)
        expect(tile.y + tile.height).toBeLessThanOrEqual(height + 1e-6)
      }
      for (const [index, one] of tiles.entries())
        for (const other of tiles.slice(index + 1)) {
          const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
          const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
          expect(Math.min(across, down)).toBeLessThan(1e-6)
        }
    }
  })
  it('draws nothing for nothing', () => {
    expect(treemap([], (value: number) => value, 100, 100)).toEqual([])
    expect(treemap([0, -1], (value) => value, 100, 100)).toEqual([])
    expect(treemap([1], (value) => value, 0, 100)).toEqual([])
  })
})

describe('scale', () => {
  it('goes from 0 past the greatest value in few round steps', () => {
    for (const max of [0.003, 0.37, 1, 7, 12, 99, 100, 148, 2918, 1e6]) {
      const steps = ticks(max)
      expect(steps[0]).toBe(0)
      expect(steps[steps.length - 1]).toBeGreaterThanOrEqual(max)
      expect(steps.length).toBeLessThanOrEqual(6)
      for (const [index, one] of steps.slice(1).entries()) expect(one).toBeGreaterThan(steps[index]!)
    }
    for (const none of [0, -1, NaN]) expect(ticks(none)).toEqual([0])
  })
  it('is a line', () => {
    const scale = linear(0, 10, 100, 200)
    expect([scale(0), scale(5), scale(10)]).toEqual([100, 150, 200])
    expect(linear(3, 3, 7, 9)(3)).toBe(7)
  })
  it('shades from one to five', () => {
    expect([stepOf(0, 10), stepOf(1, 10), stepOf(10, 10), stepOf(5, 0), stepOf(20, 10)]).toEqual([
      1, 1, 5, 1, 5,
    ])
  })
})

describe('ranks', () => {
  it('never ranks a small base above a large one', () => {
    const order = ranked([
      unit({ id: 'small', rate: 0.9, base: 12, small: true }),
      unit({ id: 'none', rate: null, base: 0 }),
      unit({ id: 'low', rate: 0.1 }),
      unit({ id: 'high', rate: 0.5 }),
    ])
    expect(order.map((one) => one.id)).toEqual(['high', 'low', 'small', 'none'])
  })
  it('puts each day into one bin, and red where the end has passed', () => {
    const days = Array.from({ length: 161 }, (_, index) => index - 80)
    const bins = ageBins(days)
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(days.length)
    for (const bin of bins) expect(bin.late).toBe(bin.to <= 0)
    expect(bins.find((bin) => bin.from === 0)).toMatchObject({ to: 1, count: 1, late: false })
  })
})

describe('comparison', () => {
  const data = sampleComparison()
  const units = compared(data)
  it('says in the table what the marks show', () => {
    const rows = twin(data, 'n', 'd').rows
    const marks = ranked(units)
    expect(rows).toHaveLength(marks.length)
    for (const [index, mark] of marks.entries()) {
      expect(rows[index]?.[0]).toBe(mark.name)
      expect(Number(rows[index]?.[1]?.replace(/,/g, ''))).toBe(mark.value)
      expect(Number(rows[index]?.[2]?.replace(/,/g, ''))).toBe(mark.base)
      expect(Number(rows[index]?.[3]?.replace('%', '')) / 100).toBeCloseTo(mark.rate ?? 0, 2)
    }
  })
  it('prints a rate from its decimal text', () => {
    expect(rateText('share', '0.3740')).toBe('37.4%')
    expect(rateText('rate', '34.749829')).toBe('34.75')
    expect(rateText('rate', '2.5')).toBe('2.50')
    expect(rateText('share', null)).toBe('compare.no_rate')
  })
  it('has limits that narrow as the base grows and hold the whole', () => {
    const all = bounds(data)
    for (const [index, one] of all.entries()) {
      expect(one.low998).toBeLessThanOrEqual(one.low95)
      expect(one.high95).toBeLessThanOrEqual(one.high998)
      const before = all[index - 1]
      if (before) expect(one.high998 - one.low998).toBeLessThanOrEqual(before.high998 - before.low998 + 1e-9)
    }
  })
})

describe('tiles', () => {
  it('are the 34 provinces, each once and none on another', () => {
    expect(provinces).toHaveLength(34)
    expect(new Set(provinces.map((one) => one.code)).size).toBe(34)
    expect(new Set(provinces.map((one) => `${one.column} ${one.row}`)).size).toBe(34)
    expect(new Set(provinces.map((one) => one.en)).size).toBe(34)
  })
  it('have Jilin east of Liaoning and north of it', () => {
    const at = (zh: string) => provinces.find((one) => one.zh === zh)!
    expect(at('吉').row).toBeLessThan(at('辽').row)
    expect(at('黑').row).toBeLessThan(at('吉').row)
    expect(at('粤').row).toBeGreaterThan(at('湘').row)
    expect(at('新').column).toBeLessThan(at('青').column)
  })
})
