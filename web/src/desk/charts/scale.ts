// Axes: round steps, and where a value stands.

/** 0 and round numbers up to at least `max`: at most `count` + 1 of them. */
export function ticks(max: number, count = 4): number[] {
  if (!(max > 0)) return [0]
  const rough = max / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough - 1e-12) ?? 10) * power
  const result: number[] = []
  for (let index = 0; index * step < max + step - 1e-9 * step; index += 1)
    result.push(Number((index * step).toPrecision(12)))
  return result
}

export type Scale = (value: number) => number

export function linear(from: number, to: number, low: number, high: number): Scale {
  return (value) => (to === from ? low : low + ((value - from) / (to - from)) * (high - low))
}
