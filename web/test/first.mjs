// First content as a phone or a slow office line sees it: 4 Mbit/s, 80 ms, CPU × 4, nothing cached; the best of five, beside the same
// without a brake on the same machine. A page's first content is its first contentful paint; a list's is its first row.
//   node test/first.mjs BASE_URL [--tries N] [--chromium PATH]
// The address is a demo server's: only the product compresses what it sends.

import { check, end, launch } from './doors_browser.mjs'

const base = process.argv[2]
if (!base?.startsWith('http')) {
  console.error('usage: node test/first.mjs BASE_URL [--tries N]')
  process.exit(2)
}
const tries = process.argv.includes('--tries') ? Number(process.argv[process.argv.indexOf('--tries') + 1]) : 5
// name, path, what must stand, role, budget in ms, what is measured
const pages = [
  ['public', '/public/', 'h1', '', 1000, 'paint'],
  ['field', '/field/', 'main h1', '', 1400, 'paint'],
  ['portal', '/portal/', 'main h1', '', 1800, 'paint'],
  ['desk', '/', '.todo li, .empty', 'officer', 1800, 'paint'],
  ['desk list', '/dossiers?open=true', '.tb-work tbody tr', 'officer', 2000, 'ready'],
]
const browser = await launch()

async function once([, path, ready, role, , what], braked) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN', serviceWorkers: 'block' })
  const page = await context.newPage()
  if (role) {
    await page.goto(base + '/sign-in')
    await page.evaluate(
      (wanted) =>
        fetch('/api/session/demo', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
          body: JSON.stringify({ role: wanted }),
        }),
      role,
    )
  }
  await page.addInitScript((selector) => {
    const look = () => {
      if (document.querySelector(selector)) window.stood = performance.now()
      else requestAnimationFrame(look)
    }
    look()
  }, ready)
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  if (braked) {
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 80,
      downloadThroughput: 500_000,
      uploadThroughput: 500_000,
    })
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  }
  await page.goto(base + path)
  await page.waitForFunction(() => window.stood > 0, null, { timeout: 60_000 })
  const ms = await page.evaluate(
    (kind) => (kind === 'ready' ? window.stood : (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? window.stood)),
    what,
  )
  await context.close()
  return ms
}
for (const one of pages) {
  const best = { braked: Infinity, free: Infinity }
  for (let n = 0; n < tries; n += 1) {
    best.free = Math.min(best.free, await once(one, false))
    best.braked = Math.min(best.braked, await once(one, true))
  }
  const [name, , , , budget, what] = one
  check(best.braked <= budget, `${name}: ${Math.round(best.braked)} ms, ${budget} allowed`)
  console.log(
    `${name.padEnd(10)} ${what.padEnd(6)} ${String(Math.round(best.braked)).padStart(5)} ms of ${budget}; without a brake ${Math.round(best.free)} ms (× ${(best.braked / best.free).toFixed(1)})`,
  )
}
await browser.close()
end('first content')
