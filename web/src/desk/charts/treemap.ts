// Squarified treemap (Bruls, Huizing, van Wijk 2000): areas stand exactly for the values; rows are laid along
// the shorter side while the worst aspect ratio gets better.

export interface Tile<T> {
  item: T
  x: number
  y: number
  width: number
  height: number
}

export function treemap<T>(
  items: readonly T[],
  value: (item: T) => number,
  width: number,
  height: number,
): Tile<T>[] {
  const sorted = items.filter((item) => value(item) > 0).sort((a, b) => value(b) - value(a))
  const total = sorted.reduce((sum, item) => sum + value(item), 0)
  if (!total || width <= 0 || height <= 0) return []
  const scale = (width * height) / total
  const tiles: Tile<T>[] = []
  let box = { x: 0, y: 0, width, height }
  for (let start = 0; start < sorted.length;) {
    const side = Math.min(box.width, box.height)
    let end = start
    let area = 0
    let worst = Infinity
    while (end < sorted.length) {
      const next = area + value(sorted[end]!) * scale
      const large = value(sorted[start]!) * scale
      const small = value(sorted[end]!) * scale
      const ratio = Math.max((side * side * large) / (next * next), (next * next) / (side * side * small))
      if (ratio > worst) break
      worst = ratio
      area = next
      end += 1
    }
    const thick = area / side
    const across = box.width >= box.height // the row stands upright at the left
    let at = 0
    for (const item of sorted.slice(start, end)) {
      const length = (value(item) * scale) / thick
      tiles.push(
        across
          ? { item, x: box.x, y: box.y + at, width: thick, height: length }
          : { item, x: box.x + at, y: box.y, width: length, height: thick },
      )
      at += length
    }
    box = across
      ? { ...box, x: box.x + thick, width: box.width - thick }
      : { ...box, y: box.y + thick, height: box.height - thick }
    start = end
  }
  return tiles
}
