// Invented figures for the page of components: a city of twelve units, two of them too small to compare.

import type { Schemas } from '../base/api'

const overall = 0.374

/** Normal approximation: for a picture of the component, not for a judgement about anybody. */
function limits(base: number): Schemas['ControlLimits'] {
  const spread = Math.sqrt((overall * (1 - overall)) / base)
  const text = (value: number) => Math.min(1, Math.max(0, value)).toFixed(6)
  return {
    base,
    low_998: text(overall - 3.09 * spread),
    low_95: text(overall - 1.96 * spread),
    high_95: text(overall + 1.96 * spread),
    high_998: text(overall + 3.09 * spread),
  }
}

export function sampleComparison(): Schemas['Comparison'] {
  const units = [
    [1, 412, 0.374],
    [2, 386, 0.352],
    [3, 148, 0.5],
    [4, 121, 0.297],
    [5, 267, 0.431],
    [6, 164, 0.366],
    [7, 326, 0.27],
    [8, 92, 0.402],
    [9, 58, 0.345],
    [10, 205, 0.39],
    [11, 12, 0.667],
    [12, 9, 0.111],
  ] as const
  return {
    report: 'sample',
    figure: { id: 'sample', zh: '不合规单位', en: 'Operators not compliant' },
    figures: [],
    period: '2025-H1',
    organisation: { id: 'sample', zh: '示例市', en: 'Sample city' },
    as_of: { seq: 1, date: '2025-06-30' },
    kind: 'share',
    per: 1,
    numerator: { id: 'n', zh: '不合规单位', en: 'not compliant' },
    denominator: { id: 'd', zh: '被查单位', en: 'inspected operators' },
    unit: { id: 'u', zh: '家', en: 'operators' },
    base_unit: { id: 'u', zh: '家', en: 'operators' },
    overall: { value: 823, base: 2200, rate: '0.374' },
    units: units.map(([index, base, rate]) => {
      const bound = limits(base)
      const outside =
        rate > Number(bound.high_998)
          ? 'above_998'
          : rate > Number(bound.high_95)
            ? 'above_95'
            : rate < Number(bound.low_998)
              ? 'below_998'
              : rate < Number(bound.low_95)
                ? 'below_95'
                : 'none'
      return {
        org: `u${index}`,
        zh: `示例县${index}`,
        en: `Sample ${index}`,
        value: Math.round(base * rate),
        base,
        rate: rate.toFixed(4),
        small: base < 20,
        outside,
        own: index === 1,
      }
    }),
    limits: Array.from({ length: 40 }, (_, index) => limits(1 + index * 12)),
  }
}
