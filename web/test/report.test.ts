import { describe, expect, it } from 'vitest'
import type { Schemas } from '../src/base/api'
import { barGroups, shortName } from '../src/desk/report'

const unit = (id: string): Schemas['Named'] => ({ id, zh: id, en: id })
function figure(
  id: string,
  unitId: string,
  value: number,
  base?: [string, string, number],
): Schemas['Figure'] {
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
    denominators: base
      ? [
          {
            figure: base[0],
            zh: base[0],
            en: base[0],
            unit: unit(base[1]),
            value: base[2],
            kind: 'share',
            per: 1,
            quotient: '0.5',
          },
        ]
      : [],
  }
}

describe('bars', () => {
  const groups = barGroups([
    figure('visits', 'visit', 545),
    figure('seen', 'entity', 487),
    figure('bad', 'entity', 182, ['seen', 'entity', 487]),
    figure('mended', 'entity', 144, ['bad', 'entity', 182]),
    figure('cases', 'case', 93, ['all', 'case', 148]),
    figure('rate', 'case', 5, ['visits', 'visit', 545]),
  ])
  it('never stand beside bars of another unit', () => {
    expect(groups.map((group) => group.unit.id)).toEqual(['visit', 'entity', 'case'])
    for (const group of groups)
      for (const row of group.rows) if (row.figure) expect(row.figure.unit.id).toBe(group.unit.id)
  })
  it('show what a share is taken of, once, in the neutral colour', () => {
    expect(groups[1]?.rows.map((row) => [row.id, row.base])).toEqual([
      ['seen', true],
      ['bad', false],
      ['mended', false],
    ])
    expect(groups[2]?.rows.map((row) => [row.id, row.base])).toEqual([
      ['all', true],
      ['cases', false],
      ['rate', false],
    ])
  })
  it('are scaled to the largest of the unit', () =>
    expect(groups.map((group) => group.max)).toEqual([545, 487, 148]))
})

it('a figure of a campaign need not name it again', () => {
  expect(shortName(figure('立案', 'case', 1))).toBe('立案')
  expect(shortName({ ...figure('x', 'case', 1), campaign: null })).toBe('清源行动x')
})
