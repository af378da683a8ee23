// The check of a draw in a browser, with nothing but this file: reads a bundle (docs/formats/draw.md), draws again
// in whole numbers and compares every byte. The same answer as `qingyuan draw check` and test/draw_check.py.

const SM3_START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]
const turn = (x: number, n: number) => (x << (n & 31)) | (x >>> ((32 - n) & 31))

/** Message with its padding (Merkle and Damgård, 64-byte blocks, length in bits). */
function padded(bytes: Uint8Array): DataView {
  const out = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  out.set(bytes)
  out[bytes.length] = 0x80
  const view = new DataView(out.buffer)
  view.setUint32(out.length - 8, Math.floor(bytes.length / 0x20000000))
  view.setUint32(out.length - 4, bytes.length << 3)
  return view
}
function bytesOf(words: Int32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(32))
  words.forEach((word, i) => out.setInt32(4 * i, word))
  return new Uint8Array(out.buffer)
}

/** GB/T 32905-2016. */
export function sm3(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes)
  const state = Int32Array.from(SM3_START)
  const w = new Int32Array(68)
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i)
    for (let i = 16; i < 68; i++) {
      const x = w[i - 16]! ^ w[i - 9]! ^ turn(w[i - 3]!, 15)
      w[i] = x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[i - 13]!, 7) ^ w[i - 6]!
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const a12 = turn(a, 12)
      const s1 = turn((a12 + e + turn(i < 16 ? 0x79cc4519 : 0x7a879d8a, i)) | 0, 7)
      const s2 = s1 ^ a12
      const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
      const gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g)
      const t1 = (ff + d + s2 + (w[i]! ^ w[i + 4]!)) | 0
      const t2 = (gg + h + s1 + w[i]!) | 0
      d = c
      c = turn(b, 9)
      b = a
      a = t1
      h = g
      g = turn(f, 19)
      f = e
      e = t2 ^ turn(t2, 9) ^ turn(t2, 17)
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = state[i]! ^ word))
  }
  return bytesOf(state)
}

/** The first 32 bits of the fractional part of a root: constants of SHA-256 are such parts of the first primes. */
const part = (root: number) => ((root - Math.floor(root)) * 0x100000000) | 0
const primes: number[] = []
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n)
const K = primes.map((p) => part(Math.cbrt(p)))

/** FIPS 180-4; our own because crypto.subtle is missing where a page is not served over TLS. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes)
  const state = Int32Array.from(primes.slice(0, 8).map((p) => part(Math.sqrt(p))))
  const w = new Int32Array(64)
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i)
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15]!, w[i - 2]!]
      w[i] =
        w[i - 16]! + (turn(x, 25) ^ turn(x, 14) ^ (x >>> 3)) + w[i - 7]! + (turn(y, 15) ^ turn(y, 13) ^ (y >>> 10))
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const t1 = (h + (turn(e, 26) ^ turn(e, 21) ^ turn(e, 7)) + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0
      const t2 = ((turn(a, 30) ^ turn(a, 19) ^ turn(a, 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0]
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i]! + word) | 0))
  }
  return bytesOf(state)
}

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
const text = (words: string) => new TextEncoder().encode(words)
function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0))
  let at = 0
  for (const one of parts) {
    out.set(one, at)
    at += one.length
  }
  return out
}
function unhex(words: string | undefined): Uint8Array {
  if (!/^([0-9a-f]{2}){32}$/.test(words ?? '')) throw new Wrong('digest')
  return Uint8Array.from(words!.match(/../g)!, (pair) => parseInt(pair, 16))
}

/** Why a bundle does not hold: a word of its own for each reason, and the line where there is one. */
export class Wrong extends Error {
  constructor(
    readonly what: 'not_a_bundle' | 'digest' | 'party' | 'seed' | 'root' | 'units' | 'ticket' | 'probability' | 'places',
    readonly line = 0,
  ) {
    super(what)
  }
}

export type Place = { drawn: boolean; stratum: string; rank: number; pseudonym: string; reason: string }
export type Draw = {
  id: string
  number: number
  organisation: string
  opened: string
  rule: string
  previous: string
  voided: string // why, or ''
  units: number
  parties: string[]
  places: Place[]
  probability: Map<string, string> // of each pseudonym
  digest: string
}

const ONE = 1000000000n
function chance(words: string | undefined): bigint {
  if (!/^[01]\.\d{9}$/.test(words ?? '')) throw new Wrong('probability')
  return BigInt(words!.replace('.', ''))
}

function root(leaves: Uint8Array[]): Uint8Array {
  while (leaves.length > 1) {
    const up: Uint8Array[] = []
    for (let i = 0; i + 1 < leaves.length; i += 2) up.push(sm3(join(Uint8Array.of(1), leaves[i]!, leaves[i + 1]!)))
    if (leaves.length % 2) up.push(leaves[leaves.length - 1]!)
    leaves = up
  }
  return leaves[0] ?? sm3(new Uint8Array())
}

type Ranked = { q: [bigint, bigint]; ticket: string; pseudonym: string; label: bigint; p: bigint; reason: string }
const before = (a: Ranked, b: Ranked): number => {
  const [x, y] = [a.q[0] * b.q[1], b.q[0] * a.q[1]]
  if (x !== y) return x < y ? -1 : 1
  return a.ticket + a.pseudonym < b.ticket + b.pseudonym ? -1 : 1
}

/** Draws again; throws Wrong where anything differs. */
export function check(raw: Uint8Array): Draw {
  let whole: string
  try {
    whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
  } catch {
    throw new Wrong('not_a_bundle')
  }
  if (!whole.startsWith('qingyuan-draw 1\n')) throw new Wrong('not_a_bundle')
  const end = whole.lastIndexOf('end ')
  if (end < 1 || whole.slice(end) !== `end ${hex(sm3(text(whole.slice(0, end))))}\n`) throw new Wrong('digest')
  const lines = whole.slice(0, end - 1).split('\n')
  const rows = lines.map((line) => line.split(' '))
  const rest = (name: string) => {
    const found = lines.find((line) => line.startsWith(name + ' '))
    if (found === undefined) throw new Wrong('not_a_bundle')
    return found.slice(name.length + 1)
  }
  const all = (name: string) => rows.filter((row) => row[0] === name)
  const frameLine = lines.findIndex((line) => line.startsWith('frame '))
  const head = lines.slice(0, frameLine + 1).join('\n') + '\n'
  const id = rest('draw')
  const outcome = rest('outcome')
  const parties = all('party')
  const draw: Draw = {
    id,
    number: Number(rest('number')),
    organisation: rest('organisation'),
    opened: rest('opened'),
    rule: rest('rule'),
    previous: rest('previous'),
    voided: outcome.startsWith('void ') ? outcome.slice(5) : '',
    units: Number(rest('frame').split(' ')[0]),
    parties: parties.map((row) => row[1] ?? ''),
    places: [],
    probability: new Map(),
    digest: hex(sm3(raw)),
  }
  const names = new Set(draw.parties)
  if (!draw.voided && (names.size < 2 || names.size !== parties.length)) throw new Wrong('party')
  for (const [, name, commitment, seed] of parties)
    if (!(draw.voided && seed === '-') && hex(sm3(join(unhex(seed), text(name! + id)))) !== commitment)
      throw new Wrong('party')
  if (draw.voided) return draw

  const open = rest('public')
  const seed = sm3(
    join(text('draw.seed\0'), sm3(text(head)), ...parties.map((row) => unhex(row[3])), text(open === '-' ? '' : open)),
  )
  if (outcome !== 'drawn ' + hex(seed)) throw new Wrong('seed')
  const units = all('unit')
  const leaves = lines.filter((line) => line.startsWith('unit ')).map((line) => line.slice(0, line.lastIndexOf(' ')))
  if (rest('frame') !== `${units.length} ${hex(root(leaves.map((leaf) => sm3(text('\0' + leaf)))))}`)
    throw new Wrong('root')

  const hash = rest('profile') === 'sha256' ? sha256 : sm3
  const start = join(text('draw.ticket\0' + id + '\0'), seed)
  const order = new Map<string, Ranked[]>(all('stratum').map((row) => [row[1]!, []]))
  let last = ''
  rows.forEach((row, index) => {
    if (row[0] !== 'unit') return
    const [, pseudonym, stratum, written, reason, ticket] = row as [string, string, string, string, string, string]
    if (pseudonym <= last || !order.has(stratum)) throw new Wrong('units', index + 1)
    last = pseudonym
    if (hex(hash(join(start, unhex(pseudonym)))).slice(0, 32) !== ticket) throw new Wrong('ticket', index + 1)
    const p = chance(written)
    if (p < 1n || p > ONE) throw new Wrong('probability', index + 1)
    draw.probability.set(pseudonym, written)
    const u = 2n * BigInt('0x' + ticket.slice(0, 16)) + 1n
    const label = BigInt('0x' + ticket.slice(16))
    order.get(stratum)!.push({ q: [u * (ONE - p), ((1n << 65n) - u) * p], ticket, pseudonym, label, p, reason })
  })
  const found: string[] = []
  for (const [, name, count, size, reserve, share] of all('stratum')) {
    const ranked = order.get(name!)!.sort(before)
    const random = share === '0.000000000' ? 0n : chance(share)
    const sum = ranked.reduce((total, one) => total + one.p, 0n)
    if (String(ranked.length) !== count || sum !== BigInt(size!) * ONE) throw new Wrong('probability')
    ranked.slice(0, Number(size) + Number(reserve)).forEach((one, i) => {
      const drawn = i < Number(size)
      const reason = one.p < ONE && one.label * one.p < random << 64n ? 'random' : one.reason
      draw.places.push({ drawn, stratum: name!, rank: i + 1, pseudonym: one.pseudonym, reason })
      found.push([drawn ? 'drawn' : 'reserve', name, i + 1, one.pseudonym, reason].join(' '))
    })
  }
  const wanted = lines.filter((line) => /^(drawn|reserve) /.test(line))
  if (wanted.join('\n') !== found.join('\n')) throw new Wrong('places')
  return draw
}

/** What a party publishes for its seed before anybody else has shown one. */
export const commitment = (seed: string, party: string, draw: string): string =>
  hex(sm3(join(unhex(seed), text(party + draw))))

/** The pseudonym of an operator under the salt that was opened to it. */
export const pseudonym = (salt: string, operator: string): string =>
  hex(sm3(join(text('draw.unit\0'), unhex(salt), text(operator))))
