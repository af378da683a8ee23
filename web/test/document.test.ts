// The digest of a kept file: SM3 of the SM3s of its blocks of 8 MiB, as the server computes it.
import { describe, expect, it } from 'vitest'
import { hex, sm3 } from '../src/base/draw'
import { fileDigest } from '../src/public/document'

const join = (...parts: Uint8Array[]) => {
  const out = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0))
  parts.reduce((at, one) => (out.set(one, at), at + one.length), 0)
  return out
}

describe('fileDigest', () => {
  it('of one block is the digest of its digest', () => {
    const bytes = new TextEncoder().encode('abc')
    expect(hex(sm3(bytes))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    expect(fileDigest(bytes)).toBe(hex(sm3(sm3(bytes))))
  })
  it('of two blocks is that of both digests', () => {
    const block = 8 * 1024 * 1024
    const bytes = new Uint8Array(block + 1)
    bytes[block] = 7
    expect(fileDigest(bytes)).toBe(hex(sm3(join(sm3(bytes.subarray(0, block)), sm3(bytes.subarray(block))))))
  })
  it('changes with one byte', () => {
    const bytes = new Uint8Array(100)
    const other = bytes.slice()
    other[50] = 1
    expect(fileDigest(bytes)).not.toBe(fileDigest(other))
  })
})
