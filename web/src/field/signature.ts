// A signature on glass: its strokes, the picture of them, and both in one PNG, so that one digest covers the
// way it was written as well as how it looks.

export interface Point {
  x: number
  y: number
  /** milliseconds since the first point */
  t: number
}
export type Stroke = Point[]

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = table[(c ^ byte) & 255]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

/** The PNG with a tEXt chunk before its end. `text` is Latin-1. */
export function withText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  const data = new TextEncoder().encode(`tEXt${keyword}\0${text}`)
  const chunk = new Uint8Array(data.length + 8)
  const view = new DataView(chunk.buffer)
  view.setUint32(0, data.length - 4)
  chunk.set(data, 4)
  view.setUint32(data.length + 4, crc32(data))
  const end = png.length - 12 // IEND: length, type, checksum
  const whole = new Uint8Array(png.length + chunk.length)
  whole.set(png.subarray(0, end))
  whole.set(chunk, end)
  whole.set(png.subarray(end), end + chunk.length)
  return whole
}

/** Draws strokes the way ink lies: black on white, whatever the screen's theme. */
export function draw(canvas: HTMLCanvasElement, strokes: Stroke[]): void {
  const ink = canvas.getContext('2d')
  if (!ink) return
  ink.fillStyle = 'white'
  ink.fillRect(0, 0, canvas.width, canvas.height)
  ink.strokeStyle = 'black'
  ink.lineWidth = canvas.height / 60
  ink.lineCap = ink.lineJoin = 'round'
  for (const stroke of strokes) {
    ink.beginPath()
    for (const [n, point] of stroke.entries()) {
      const [x, y] = [point.x * canvas.width, point.y * canvas.height]
      if (n === 0) ink.moveTo(x, y)
      ink.lineTo(x, y)
    }
    ink.stroke()
  }
}

/** Enough ink to be a signature: not a tap, not a dot. */
export function isWritten(strokes: Stroke[]): boolean {
  let length = 0
  for (const stroke of strokes)
    for (let n = 1; n < stroke.length; n += 1)
      length += Math.hypot(stroke[n]!.x - stroke[n - 1]!.x, stroke[n]!.y - stroke[n - 1]!.y)
  return length > 0.25
}

export async function picture(strokes: Stroke[], at: string): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = 900
  canvas.height = 300
  draw(canvas, strokes)
  const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!png) throw new Error('no picture')
  const rounded = strokes.map((stroke) =>
    stroke.map((one) => [+one.x.toFixed(4), +one.y.toFixed(4), Math.round(one.t)]),
  )
  const bytes = withText(
    new Uint8Array(await png.arrayBuffer()),
    'strokes',
    JSON.stringify({ at, strokes: rounded }),
  )
  return new Blob([bytes as BlobPart], { type: 'image/png' })
}
