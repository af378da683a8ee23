// The pictures of docs/tour.md, made by the walk itself: small, and always of the product as it is.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'
import { context, reader, show, signIn } from '../browser.mjs'

const docs = fileURLToPath(new URL('../../../docs/tour/', import.meta.url))

/** A picture in 16 steps of each colour and a palette: a third of the bytes, and no eye sees it. */
async function small(page, png) {
  const { width, height, pixels } = await page.evaluate(async (text) => {
    const image = new Image()
    image.src = 'data:image/png;base64,' + text
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    const pen = canvas.getContext('2d')
    pen.drawImage(image, 0, 0)
    const { data } = pen.getImageData(0, 0, image.width, image.height)
    let packed = ''
    for (let at = 0; at < data.length; at += 4)
      packed += String.fromCharCode(
        (Math.round(data[at] / 17) << 8) |
          (Math.round(data[at + 1] / 17) << 4) |
          Math.round(data[at + 2] / 17),
      )
    return { width: image.width, height: image.height, pixels: packed }
  }, png.toString('base64'))
  const counted = new Map()
  for (const one of pixels) counted.set(one, (counted.get(one) ?? 0) + 1)
  const known = [...counted]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 256)
    .map(([one]) => one.charCodeAt(0))
  const parts = (colour) => [colour >> 8, (colour >> 4) & 15, colour & 15]
  const place = new Map()
  const nearest = (colour) => {
    const own = parts(colour)
    const far = (other) => parts(other).reduce((sum, part, index) => sum + (part - own[index]) ** 2, 0)
    return known.reduce((best, other, index) => (far(other) < far(known[best]) ? index : best), 0)
  }
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0, at = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1, at += 1) {
      const colour = pixels.charCodeAt(at)
      if (!place.has(colour)) place.set(colour, nearest(colour))
      rows[y * (width + 1) + 1 + x] = place.get(colour)
    }
  const chunk = (type, body) => {
    const named = Buffer.concat([Buffer.from(type), body])
    const size = Buffer.alloc(4)
    const sum = Buffer.alloc(4)
    size.writeUInt32BE(body.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([size, named, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(known.flatMap((colour) => parts(colour).map((part) => part * 17)))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

export async function tour({ browser, base, shots, only, role: alone }) {
  const folder = only === 'tour' ? docs : `${shots}/tour/`
  mkdirSync(folder, { recursive: true })
  const bench = await browser.newPage() // about:blank, where a picture may be taken apart
  const first = await context(browser)
  await signIn(first, base, 'officer')
  const ask = await reader(first, base)
  const meta = await ask.get('/api/meta')
  const list = await ask.get('/api/dossiers?sort=due&open=true&procedure=penalty_case&limit=20')
  const found = await ask.get('/api/packs/findings?status=confirmed&limit=200')
  await first.close()
  const second = await context(browser)
  await signIn(second, base, 'technical_reviewer')
  const monitor = await reader(second, base)
  const pair = (await monitor.get('/api/signals?criterion=dossier&limit=1')).items?.[0]
  const clusters = (await monitor.get('/api/signals/clusters')).items ?? []
  await second.close()
  const cluster = clusters.find((row) => row.dossier_state === 'followed') ?? clusters[0]
  const signal = `/vigilance/pair?product=${encodeURIComponent(pair?.product ?? '')}&reaction=${encodeURIComponent(pair?.reaction ?? '')}`
  // A story that many firms stand in: a pack sold twice, else whatever the rules found.
  const finding =
    found.items?.find((row) => row.code && row.rule === 'second_sale') ??
    found.items?.find((row) => row.code && row.batch) ??
    found.items?.[0]
  const pack = `/trace/pack?code=${encodeURIComponent(finding?.code ?? '')}`
  const dossier = list.items?.find((row) => row.clock && !row.restricted) ?? list.items?.[0]
  const object = dossier ? `/dossiers/${encodeURIComponent(dossier.id)}` : '/dossiers'
  const scope = `org=${meta.default_organisation}&period=${meta.default_period}`
  const pictures = [
    ['', 'sign-in', '/sign-in', '.sign-form', {}],
    ['officer', 'today', '/', '.todo li, .empty', {}],
    ['officer', 'dossiers', '/dossiers?open=true', '.tb-work tbody tr, .empty', {}],
    ['officer', 'dossier', object, '.steps li', {}],
    ['officer', 'dossier-dark', object, '.steps li', { theme: 'dark' }],
    [
      'officer',
      'operator',
      dossier?.operator ? `/operators/${encodeURIComponent(dossier.operator.id)}` : '/operators',
      '.subject, .tb-work',
      {},
    ],
    ['officer', 'notices', '/notices', '.inbox li, .empty', {}],
    ['head_of_authority', 'report', `/reports/${meta.default_report}?${scope}`, '.figs .n', {}],
    ['head_of_authority', 'compare', '/compare', '.ranks li, .empty', {}],
    ['system_admin', 'organisations', '/admin/organisations', '.tb-admin tbody tr, .empty', {}],
    ['security_admin', 'proposals', '/admin/proposals', '.proposals li, .empty', {}],
    ['audit_admin', 'access', '/admin/access', '.tb-work tbody tr, .empty', {}],
    ['officer', 'gallery', '/gallery', '.gallery .chart', {}],
    ['head_of_authority', 'trace', '/trace', '.trace-figs .v, .empty', {}],
    ['head_of_authority', 'trace-findings', '/trace/findings?status=confirmed', '.findings li, .empty', {}],
    ['unit_head', 'pack', pack, '.subject, .empty', {}],
    ['unit_head', 'pack-dark', pack, '.subject, .empty', { theme: 'dark' }],
    ['head_of_authority', 'batch', `/trace/batch?id=${encodeURIComponent(finding?.batch ?? '')}`, '.subject, .empty', {}],
    ['officer', 'trace-rules', '/trace/rules', 'tbody tr, .empty', {}],
    ['officer', 'trace-files', '/trace/files', 'tbody tr, .empty', {}],
    ['technical_reviewer', 'signals', '/vigilance', 'tbody tr, .empty', {}],
    ['technical_reviewer', 'signal', signal, '.two, .empty', {}],
    ['technical_reviewer', 'cluster', `/vigilance/cluster?id=${encodeURIComponent(cluster?.id ?? '')}`, '.onset, .empty', {}],
    ['technical_reviewer', 'reports', '/vigilance/reports?state=returned', 'tbody tr, .empty', {}],
    ['', 'public-pack', `/public/#/find?q=${encodeURIComponent(finding?.code ?? '')}`, 'main dl:visible, main .btn:visible', {}],
  ]
  for (const [role, name, path, ready, more] of pictures) {
    if (alone !== undefined && role !== alone) continue
    const made = await context(browser, { width: 1280, height: 800, ...more })
    if (role) await signIn(made, base, role)
    const page = await made.newPage()
    await show(page, `tour ${name}`, base + path, ready)
    await page.waitForTimeout(400)
    writeFileSync(`${folder}${name}.png`, await small(bench, await page.screenshot()))
    await made.close()
  }
  await bench.close()
}
