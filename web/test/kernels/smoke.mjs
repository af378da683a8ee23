// Every entry in the Chromium of July 2021 and of February 2023, as offices have them that update nothing: it opens, says its title, shows
// its content and throws nothing. The browsers come from npm (chrome-aws-lambda, @sparticuz/chromium), with the playwright of their time.
//   node test/kernels/smoke.mjs BASE_URL [SCREENSHOT_DIR]
// The address is a demo server's. Needs `npm ci --ignore-scripts` in this folder.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'

const [base, shots] = process.argv.slice(2)
if (!base?.startsWith('http')) {
  console.error('usage: node test/kernels/smoke.mjs BASE_URL [SCREENSHOT_DIR]')
  process.exit(2)
}
const here = fileURLToPath(new URL('.', import.meta.url))
const require = createRequire(import.meta.url)
const kernels = [
  { version: 92, packed: 'chrome-aws-lambda', driver: 'playwright-92' },
  { version: 110, packed: '@sparticuz/chromium', driver: 'playwright-110' },
]
// entry, who signs in, what must stand there
const pages = [
  ['/public/', '', 'h1'],
  ['/public/#/penalties', '', 'h1'],
  ['/sign-in', '', '.sign-form'],
  ['/', 'officer', '.todo li, .empty'],
  ['/dossiers?open=true', 'officer', '.tb-work tbody tr'],
  ['/reports/mid_year', 'head_of_authority', 'main table'],
  ['/field/', 'officer', 'main h1'],
  ['/portal/', 'operator_user', 'main h1'],
]

function unpacked({ version, packed }) {
  const directory = `${here}node_modules/.kernel-${version}/`
  if (existsSync(directory + 'chromium')) return directory + 'chromium'
  mkdirSync(directory, { recursive: true })
  const part = (name) => brotliDecompressSync(readFileSync(`${here}node_modules/${packed}/bin/${name}.br`))
  for (const archive of ['swiftshader.tar', 'aws.tar']) {
    writeFileSync(directory + archive, part(archive))
    execFileSync('tar', ['xf', directory + archive, '-C', directory])
  }
  writeFileSync(directory + 'chromium', part('chromium'), { mode: 0o755 })
  return directory + 'chromium'
}

let passed = 0
let failed = 0
function check(good, what) {
  if (good) passed += 1
  else {
    failed += 1
    console.error('FAILED: ' + what)
  }
}
if (shots) mkdirSync(shots, { recursive: true })
for (const kernel of kernels) {
  const { chromium } = require(kernel.driver)
  const browser = await chromium.launch({
    executablePath: unpacked(kernel),
    args: ['--no-sandbox', '--single-process', '--no-zygote', '--disable-gpu', '--in-process-gpu', '--disable-dev-shm-usage'],
  })
  check(browser.version().startsWith(`${kernel.version}.`), `it is version ${browser.version()}, not ${kernel.version}`)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' })
  const thrown = []
  page.on('pageerror', (error) => thrown.push(String(error)))
  for (const [path, role, ready] of pages) {
    const name = `Chromium ${kernel.version} ${path}`
    thrown.length = 0
    try {
      if (role) {
        await page.goto(base + '/sign-in')
        const status = await page.evaluate(
          (wanted) =>
            fetch('/api/session/demo', {
              method: 'POST',
              headers: { 'Content-Type': 'application/json', 'Idempotency-Key': String(Math.random()).slice(2) + Date.now() },
              body: JSON.stringify({ role: wanted }),
            }).then((answer) => answer.status),
          role,
        )
        check(status < 300, `${name}: signed in with ${status}`)
      }
      await page.goto(base + path)
      await page.waitForSelector(ready, { timeout: 60_000 })
      if (shots) await page.screenshot({ path: `${shots}/chromium-${kernel.version}${path.replace(/\W+/g, '-')}.png` })
      check(true, name)
    } catch (error) {
      check(false, `${name}: ${error.message.split('\n')[0]}`)
    }
    check(thrown.length === 0, `${name}: ${thrown.join(' · ')}`)
  }
  await browser.close()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
