// Where the firms of a custody graph stand and how the hand-overs run between them. A line through a firm says that it held
// the goods: so boxes stand in a grid, and lines run only in the free channels between columns and between rows; a box is
// touched by the first and the last stretch of its own hand-overs and by nothing else. No two hand-overs share a stretch.

export interface Size {
  box_width: number
  box_height: number
  /** least width of the channel between two columns, least height of the one between two rows */
  channel: number
  gutter: number
  /** between lines that run side by side */
  track: number
}
export const usual: Size = { box_width: 148, box_height: 64, channel: 52, gutter: 24, track: 10 }

export interface Link {
  from: string
  to: string
}
export interface Box {
  x: number
  y: number
  width: number
  height: number
}
export type Point = readonly [x: number, y: number]
export interface Layout {
  boxes: Map<string, Box>
  /** one a link, in their order; empty for a link to a firm that is not in the graph */
  paths: Point[][]
  width: number
  height: number
}
interface Cell {
  column: number
  row: number
}

/** Firms in order of time. A firm stands right of whom it received from and never left of an earlier one; it keeps the row
    of its supplier where that is free, and starts a row of its own where nobody is known to have supplied it. */
export function cells(firms: readonly string[], links: readonly Link[]): Map<string, Cell> {
  const placed = new Map<string, Cell>()
  const taken = new Set<string>()
  const free = (column: number, row: number) => !taken.has(`${column} ${row}`)
  let last = 0
  let rows = 0
  for (const firm of firms) {
    if (placed.has(firm)) continue
    const suppliers = links
      .filter((link) => link.to === firm && link.from !== firm)
      .map((link) => placed.get(link.from))
      .filter((cell): cell is Cell => cell !== undefined)
    const column = Math.max(last, ...suppliers.map((cell) => cell.column + 1))
    let row = suppliers.length ? suppliers[suppliers.length - 1]!.row : rows
    while (!free(column, row)) row += 1
    placed.set(firm, { column, row })
    taken.add(`${column} ${row}`)
    last = column
    rows = Math.max(rows, row + 1)
  }
  return placed
}

interface Route {
  link: number
  from: Cell
  to: Cell
  /** channel it leaves into and channel it arrives from: channel n lies left of column n */
  out: number
  into: number
  /** gutter it changes columns in: gutter n lies above row n; −1 where both ends meet in one channel */
  gutter: number
  /** leaves to the right, arrives from the left */
  right_out: boolean
  left_in: boolean
}

function route(link: number, from: Cell, to: Cell): Route {
  const forward = to.column > from.column
  const same = to.column === from.column
  const out = forward || same ? from.column + 1 : from.column
  const into = forward ? to.column : to.column + 1
  const gutter = out === into ? -1 : to.row < from.row ? from.row : from.row + 1
  return { link, from, to, out, into, gutter, right_out: forward || same, left_in: forward }
}

class Lists<T> {
  private readonly of = new Map<string, T[]>()
  add(key: string, value: T): void {
    const list = this.of.get(key)
    if (list) list.push(value)
    else this.of.set(key, [value])
  }
  get(key: string): T[] {
    return this.of.get(key) ?? []
  }
  sort(order: (a: T, b: T) => number): void {
    for (const list of this.of.values()) list.sort(order)
  }
  longest(fits: (key: string) => boolean): number {
    let most = 0
    for (const [key, list] of this.of) if (fits(key)) most = Math.max(most, list.length)
    return most
  }
}

/** Where along the side of a row a line meets its box: lines that rise above lines that run straight above lines that fall. */
function order(one: Route, end: 'from' | 'to'): number {
  const there = end === 'from' ? one.to.row : one.from.row
  return there - one[end].row
}

export function layout(firms: readonly string[], links: readonly Link[], size: Size = usual): Layout {
  const placed = cells(firms, links)
  const routes: (Route | null)[] = links.map((link, index) => {
    const from = placed.get(link.from)
    const to = placed.get(link.to)
    return from && to ? route(index, from, to) : null
  })
  const known = routes.filter((one): one is Route => one !== null)

  const columns = Math.max(0, ...[...placed.values()].map((cell) => cell.column + 1))
  const rows = Math.max(0, ...[...placed.values()].map((cell) => cell.row + 1))

  // every line has its own place at the side of a row, its own track in a channel and in a gutter
  const ends = new Lists<{ name: string; rank: number }>()
  const tracks = new Lists<number>()
  const gutters = new Lists<number>()
  const straight = (one: Route) => one.out === one.into && one.from.row === one.to.row && one.left_in
  for (const one of known) {
    ends.add(`${one.out} ${one.from.row}`, { name: `${one.link} out`, rank: order(one, 'from') })
    if (straight(one)) continue
    ends.add(`${one.into} ${one.to.row}`, { name: `${one.link} in`, rank: order(one, 'to') })
    tracks.add(String(one.out), one.link)
    if (one.gutter >= 0) {
      tracks.add(String(one.into), one.link)
      gutters.add(String(one.gutter), one.link)
    }
  }
  ends.sort((a, b) => a.rank - b.rank)

  const heights = Array.from({ length: rows }, (_, row) =>
    Math.max(size.box_height, (ends.longest((key) => key.endsWith(` ${row}`)) + 1) * size.track),
  )
  const tops: number[] = []
  const gutter_tops: number[] = []
  let y = 0
  for (let row = 0; row <= rows; row += 1) {
    gutter_tops.push(y)
    const lines = gutters.get(String(row)).length
    const edge = row === 0 || row === rows
    y += lines ? Math.max(edge ? 0 : size.gutter, (lines + 1) * size.track) : edge ? 0 : size.gutter
    if (row < rows) {
      tops.push(y)
      y += heights[row]!
    }
  }
  const lefts: number[] = []
  const channel_lefts: number[] = []
  let x = 0
  for (let column = 0; column <= columns; column += 1) {
    channel_lefts.push(x)
    const lines = tracks.get(String(column)).length
    const edge = column === 0 || column === columns
    const room = lines ? 3 * size.track + lines * size.track : 0
    x += edge ? room : Math.max(size.channel, room)
    if (column < columns) {
      lefts.push(x)
      x += size.box_width
    }
  }

  const boxes = new Map<string, Box>()
  for (const [firm, cell] of placed)
    boxes.set(firm, {
      x: lefts[cell.column]!,
      y: tops[cell.row]!,
      width: size.box_width,
      height: heights[cell.row]!,
    })

  const end_y = (channel: number, row: number, name: string): number => {
    const list = ends.get(`${channel} ${row}`)
    const place = list.findIndex((one) => one.name === name)
    return tops[row]! + heights[row]! / 2 + (place - (list.length - 1) / 2) * size.track
  }
  const track_x = (channel: number, link: number): number => {
    const list = tracks.get(String(channel))
    const right = channel < columns ? lefts[channel]! : x
    const middle = (channel_lefts[channel]! + right) / 2
    return middle + (list.indexOf(link) - (list.length - 1) / 2) * size.track
  }
  const gutter_y = (gutter: number, link: number): number => {
    const list = gutters.get(String(gutter))
    const foot = gutter < rows ? tops[gutter]! : y
    return (gutter_tops[gutter]! + foot) / 2 + (list.indexOf(link) - (list.length - 1) / 2) * size.track
  }

  const paths = routes.map((one): Point[] => {
    if (!one) return []
    const start_x = lefts[one.from.column]! + (one.right_out ? size.box_width : 0)
    const end_x = lefts[one.to.column]! + (one.left_in ? 0 : size.box_width)
    const y1 = end_y(one.out, one.from.row, `${one.link} out`)
    if (straight(one))
      return [
        [start_x, y1],
        [end_x, y1],
      ]
    const y2 = end_y(one.into, one.to.row, `${one.link} in`)
    const x1 = track_x(one.out, one.link)
    if (one.gutter < 0)
      return [
        [start_x, y1],
        [x1, y1],
        [x1, y2],
        [end_x, y2],
      ]
    const x2 = track_x(one.into, one.link)
    const across = gutter_y(one.gutter, one.link)
    return [
      [start_x, y1],
      [x1, y1],
      [x1, across],
      [x2, across],
      [x2, y2],
      [end_x, y2],
    ]
  })
  return { boxes, paths, width: x, height: y }
}

/** Does the stretch between two points of a path touch the box, its border included? */
export function touches(a: Point, b: Point, box: Box): boolean {
  const [x1, x2] = a[0] < b[0] ? [a[0], b[0]] : [b[0], a[0]]
  const [y1, y2] = a[1] < b[1] ? [a[1], b[1]] : [b[1], a[1]]
  return x1 <= box.x + box.width && x2 >= box.x && y1 <= box.y + box.height && y2 >= box.y
}
