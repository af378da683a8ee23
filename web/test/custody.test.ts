// The custody graph never says of a firm that it held goods it did not hold: over random hand-overs, loops, returns and
// repeated pairs, a drawn stretch touches the boxes of its own two firms and no other.

import { describe, expect, it } from 'vitest'
import { cells, layout, touches, usual, type Link, type Point } from '../src/desk/custody/layout'

function stream(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}
function random(seed: number): { firms: string[]; links: Link[] } {
  const next = stream(seed)
  const firms = Array.from({ length: 1 + Math.floor(next() * 14) }, (_, n) => 'F' + n)
  const any = () => firms[Math.floor(next() * firms.length)]!
  const links = Array.from({ length: Math.floor(next() * 30) }, () => ({ from: any(), to: any() }))
  if (next() < 0.3) links.push(...links.slice(0, 5)) // the same pair again
  if (next() < 0.1) links.push({ from: 'F0', to: 'nobody' })
  return { firms, links }
}
const chain = (n: number) => ({
  firms: Array.from({ length: n }, (_, i) => 'F' + i),
  links: Array.from({ length: n - 1 }, (_, i) => ({ from: 'F' + i, to: 'F' + (i + 1) })),
})
const stretches = (path: Point[]) => path.slice(1).map((to, n) => [path[n]!, to] as const)

// mission: D12
describe('custody graph', () => {
  it('draws no hand-over through a firm that had no part in it', () => {
    let drawn = 0
    for (let seed = 1; seed <= 3000; seed += 1) {
      const { firms, links } = random(seed)
      const { boxes, paths, width, height } = layout(firms, links)
      links.forEach((link, n) => {
        for (const [a, b] of stretches(paths[n]!)) {
          drawn += 1
          for (const [firm, box] of boxes)
            if (touches(a, b, box) && firm !== link.from && firm !== link.to)
              throw new Error(`seed ${seed}: ${link.from}→${link.to} touches ${firm}`)
          for (const [x, y] of [a, b])
            if (x < 0 || y < 0 || x > width || y > height) throw new Error(`seed ${seed}: off the sheet`)
        }
      })
    }
    expect(drawn).toBeGreaterThan(50_000)
  })
  it('enters no box, its own neither', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const { firms, links } = random(seed)
      const { boxes, paths } = layout(firms, links)
      for (const path of paths)
        for (const [a, b] of stretches(path))
          for (const box of boxes.values()) {
            const inside = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 }
            expect(touches(a, b, inside)).toBe(false)
          }
    }
  })
  it('lets every hand-over begin at its first firm and end at its second', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const { firms, links } = random(seed)
      const { boxes, paths } = layout(firms, links)
      links.forEach((link, n) => {
        const path = paths[n]!
        if (!boxes.has(link.to)) return expect(path).toEqual([])
        expect(touches(path[0]!, path[0]!, boxes.get(link.from)!)).toBe(true)
        expect(touches(path[path.length - 1]!, path[path.length - 1]!, boxes.get(link.to)!)).toBe(true)
        for (const [a, b] of stretches(path)) expect(a[0] === b[0] || a[1] === b[1]).toBe(true)
      })
    }
  })
  it('lets no two hand-overs share a stretch', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const { firms, links } = random(seed)
      const { paths } = layout(firms, links)
      const all = paths.flatMap((path, n) => stretches(path).map((one) => ({ n, one })))
      for (const p of all)
        for (const q of all) {
          if (p.n >= q.n) continue
          const [[ax, ay], [bx, by]] = p.one
          const [[cx, cy], [dx, dy]] = q.one
          const along = (a: number, b: number, c: number, d: number) =>
            Math.min(Math.max(a, b), Math.max(c, d)) - Math.max(Math.min(a, b), Math.min(c, d))
          const level = ay === by && cy === dy && Math.abs(ay - cy) < 1 && along(ax, bx, cx, dx) > 1
          const upright = ax === bx && cx === dx && Math.abs(ax - cx) < 1 && along(ay, by, cy, dy) > 1
          if (level || upright) throw new Error(`seed ${seed}: two hand-overs on one line`)
        }
    }
  })
  it('runs from left to right in time', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const { firms, links } = random(seed)
      const placed = cells(firms, links)
      const columns = firms.map((firm) => placed.get(firm)!.column)
      expect(columns).toEqual([...columns].sort((a, b) => a - b))
      expect(new Set([...placed.values()].map((one) => `${one.column} ${one.row}`)).size).toBe(firms.length)
    }
  })
  it('draws a plain chain as one straight line', () => {
    const { firms, links } = chain(6)
    const { paths, boxes, height } = layout(firms, links)
    expect(paths.every((path) => path.length === 2)).toBe(true)
    expect(height).toBe(usual.box_height)
    expect(new Set([...boxes.values()].map((box) => box.y)).size).toBe(1)
  })
  it('gives a firm that nobody is known to have supplied a row of its own', () => {
    const { firms, links } = chain(4)
    const placed = cells([...firms, 'X'], links)
    expect(placed.get('X')!.row).toBe(1)
  })
  it('is quick', () => {
    const next = stream(9)
    const firms = Array.from({ length: 300 }, (_, n) => 'F' + n)
    const links = Array.from({ length: 900 }, () => ({
      from: firms[Math.floor(next() * 300)]!,
      to: firms[Math.floor(next() * 300)]!,
    }))
    expect(layout(firms, links).paths).toHaveLength(900)
  })
})
