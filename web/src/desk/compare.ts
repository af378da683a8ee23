// The comparison of regions as charts and tables want it. Decimal texts of the server become numbers only here,
// where a mark has to stand somewhere; what is printed is made from the texts.

import type { Schemas } from '../base/api'
import { decimal, percent, whole } from '../base/format'
import type { Bound } from './charts/ControlPlot.vue'
import type { Twin, UnitValue } from './charts/figures'
import { ranked } from './charts/figures'
import { t } from './language'
import { unitName } from './session'

type Comparison = Schemas['Comparison']

export interface Compared extends UnitValue {
  text: string // the rate as printed
}

/** 37.4% · 34.75: a share is part of one, a rate is already counted on `per`. */
export function rateText(kind: Comparison['kind'], rate: string | null): string {
  if (rate === null) return t('compare.no_rate')
  if (kind === 'share') return percent(rate, 1)
  return decimal(rate, 2)
}

export function compared(data: Comparison): Compared[] {
  return data.units.map((unit) => ({
    id: unit.org,
    name: unitName(unit),
    value: unit.value,
    base: unit.base,
    rate: unit.rate === null ? null : Number(unit.rate),
    small: unit.small,
    outside: unit.outside,
    own: unit.own,
    text: rateText(data.kind, unit.rate),
  }))
}

export function bounds(data: Comparison): Bound[] {
  return data.limits.map((limit) => ({
    base: limit.base,
    low95: Number(limit.low_95),
    high95: Number(limit.high_95),
    low998: Number(limit.low_998),
    high998: Number(limit.high_998),
  }))
}

/** The same numbers as the bars and the plot, in the bars' order. */
export function twin(data: Comparison, numerator: string, denominator: string): Twin {
  return {
    columns: [
      { label: t('report.unit') },
      { label: numerator, num: true },
      { label: denominator, num: true },
      { label: t('compare.rate'), num: true },
      { label: t('compare.standing') },
    ],
    rows: ranked(compared(data)).map((unit) => [
      unit.name,
      whole(unit.value),
      whole(unit.base),
      unit.text,
      unit.small ? t('compare.small') : t(`compare.${unit.outside}`),
    ]),
  }
}
