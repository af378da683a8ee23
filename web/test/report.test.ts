// What a report page makes of a report: which parts, which bars, which names.

import { describe, expect, it } from 'vitest'
import type { Schemas } from '../src/base/api'
import { barGroups, blocksOf, denominatorsOf, partNames, partsOf, shortName } from '../src/desk/report'

type Base = [figure: string, unit: string, value: number]
const unit = (id: string): Schemas['Named'] => ({ id, zh: id, en: id })
const base = ([figure, id, value]: Base): Schemas['Denominator'] => ({
  figure,
  zh: figure,
  en: figure,
  unit: unit(id),
  value,
  kind: 'share',
  per: 1,
  quotient: '0.5',
})
function figure(id: string, unitId: string, value: number, divided?: Base): Schemas['Figure'] {
  return {
    id,
    zh: '清源行动' + id,
    en: id,
    kind: 'derived',
    unit: unit(unitId),
    value,
    campaign: { id: 'q', zh: '清源行动', en: 'Q' },
    question: { zh: '', en: '' },
    notes: [],
    denominators: divided ? [base(divided)] : [],
  }
}
function ratio(id: string, numerator: string, divided: Base): Schemas['Figure'] {
  return { ...figure(id, 'share', 0, divided), fold: 'ratio', numerator }
}
function report(figures: Schemas['Figure'][], change: Partial<Schemas['Report']> = {}): Schemas['Report'] {
  return { figures, sections: [], identities: [], by_unit: [], ...change } as unknown as Schemas['Report']
}
const section = (id: string, kind: Schemas['Section']['kind'], figures: string[], flag = false) => ({
  id,
  kind,
  zh: id,
  en: id,
  figures,
  notes: [],
  by_unit: flag,
  year_on_year: flag,
})

describe('bars', () => {
  const figures = [
    figure('visits', 'visit', 545),
    figure('seen', 'entity', 487),
    figure('bad', 'entity', 182, ['seen', 'entity', 487]),
    figure('mended', 'entity', 144),
    ratio('completion', 'mended', ['bad', 'entity', 182]),
    figure('cases', 'case', 93, ['all', 'case', 148]),
    figure('rate', 'case', 5, ['visits', 'visit', 545]),
  ]
  const whole = report(figures)
  const groups = barGroups(whole, figures)
  it('never stand beside bars of another unit', () => {
    expect(groups.map((group) => group.unit.id)).toEqual(['visit', 'entity', 'case'])
    for (const group of groups)
      for (const row of group.rows) if (row.figure) expect(row.figure.unit.id).toBe(group.unit.id)
  })
  it('show what a share is taken of, once, in the neutral colour', () => {
    const rows = groups.map((group) => group.rows.map((row) => [row.id, row.base]))
    expect(rows[1]).toEqual([
      ['seen', true],
      ['bad', false],
      ['mended', false],
    ])
    expect(rows[2]).toEqual([
      ['all', true],
      ['cases', false],
      ['rate', false],
    ])
  })
  it('are scaled to the largest of the unit', () => {
    expect(groups.map((group) => group.max)).toEqual([545, 487, 148])
  })
  it('take the bases of the ratios that divide a figure, each once', () => {
    expect(denominatorsOf(whole, figures[3]!).map((one) => one.figure)).toEqual(['bad'])
    const twice = report([figures[2]!, ratio('again', 'bad', ['seen', 'entity', 487])])
    expect(denominatorsOf(twice, figures[2]!).map((one) => one.figure)).toEqual(['seen'])
  })
})

describe('parts of the page', () => {
  const names = { by_unit: 'units', year_on_year: 'years' }
  const row = { org: 'a', zh: 'a', en: 'a', reports: true, own: false, values: {} }
  const compared = {
    ...figure('cases', 'case', 3),
    previous: {
      period: '2024-H1',
      value: 2,
      change: 1,
      change_rate: '0.5',
      comparable: true,
      comparability: unit(''),
    },
  }
  const figures = [compared, ratio('share', 'cases', ['cases', 'case', 3]), figure('visits', 'visit', 1)]
  it('gather the tables from the sections that say so, after what is carried over', () => {
    const sections = [
      section('head', 'headline', ['cases'], true),
      section('ledger', 'carry_over', [], true),
      section('campaign', 'campaign', ['visits', 'share'], true),
    ]
    const blocks = blocksOf(report(figures, { sections, by_unit: [row] }), names)
    expect(blocks.map((block) => block.id)).toEqual(['ledger', 'by_unit', 'year_on_year', 'campaign'])
    expect(blocks[1]?.figures.map((one) => one.id)).toEqual(['cases', 'visits'])
    expect(blocks[2]?.figures.map((one) => one.id)).toEqual(['cases'])
  })
  it('leave a table that the report places itself where it is', () => {
    const sections = [section('head', 'headline', ['cases'], true), section('mine', 'by_unit', ['cases'])]
    const blocks = blocksOf(report(figures, { sections, by_unit: [row] }), names)
    expect(blocks.map((block) => block.id)).toEqual(['year_on_year', 'mine'])
  })
})

describe('names', () => {
  it('of a campaign need not be said again', () => {
    expect(shortName(figure('立案', 'case', 1))).toBe('立案')
    expect(shortName({ ...figure('x', 'case', 1), campaign: null })).toBe('清源行动x')
    expect(shortName({ ...figure('x', 'case', 1), zh: '不合规单位' })).toBe('不合规单位')
  })
  it.each([
    [
      ['行政立案（药品）', '行政立案（医疗器械）'],
      ['药品', '医疗器械'],
    ],
    [
      ['药品立案', '器械立案'],
      ['药品', '器械'],
    ],
    [
      ['Cases: drugs', 'Cases: devices', 'Cases: cosmetics'],
      ['drugs', 'devices', 'cosmetics'],
    ],
    [['药品'], ['药品']],
    [
      ['同', '同'],
      ['同', '同'],
    ],
    [[], []],
  ])('of parts leave out what they share: %s', (full, short) => expect(partNames(full)).toEqual(short))
  it('of parts come from an identity that breaks the figure down', () => {
    const term = (id: string, value: number) => ({ figure: id, zh: id, en: id, sign: 1, value })
    const identity: Schemas['Identity'] = {
      ...unit('i'),
      holds: true,
      kind: 'parts',
      left: term('cases', 3),
      right: [term('drug', 2), term('device', 1)],
      gap: 0,
      missing: [],
    }
    const known = report([], { identities: [identity] })
    expect(partsOf(known, figure('cases', 'case', 3)).map((part) => [part.id, part.value])).toEqual([
      ['drug', 2],
      ['device', 1],
    ])
    expect(partsOf(known, figure('visits', 'visit', 3))).toEqual([])
  })
})
