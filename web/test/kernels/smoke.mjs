// Every entry in the Chromium of July 2021 and of February 2023, as offices have them that update nothing: it opens, shows its content,
// throws nothing and loads nothing that fails. The browsers come from npm, with the playwright of their time.
//   node test/kernels/smoke.mjs BASE_URL [SCREENSHOT_DIR]
// The address is a demo server's with TLS: the session's cookie is Secure, and old Chromium keeps no such cookie from plain HTTP.
// Needs `npm ci --ignore-scripts` in this folder.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'

const [base, shots] = process.argv.slice(2)
if (!base?.startsWith('https')) {
  console.error('usage: node test/kernels/smoke.mjs https://HOST:PORT [SCREENSHOT_DIR]')
  process.exit(2)
}
const here = fileURLToPath(new URL('.', import.meta.url))
const require = createRequire(import.meta.url)
const flags = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage']
const kernels = [
  { version: 92, packed: 'chrome-aws-lambda', driver: 'playwright-92', flags: [...flags, '--single-process'] },
  { version: 110, packed: '@sparticuz/chromium', driver: 'playwright-110', flags },
]
// address, who signs in, what must stand there
const pages = [
  ['/public/', '', 'main h1'],
  ['/public/#/penalties', '', '.rows > *'],
  ['/sign-in', '', '.sign-form'],
  ['/', 'officer', '.todo li'],
  ['/dossiers?open=true', 'officer', '.tb-work tbody tr'],
  ['/reports/mid_year', 'head_of_authority', 'main table td'],
  ['/vigilance', 'unit_head', 'main table td'],
  ['/field/', 'inspector', 'main h1'],
  ['/portal/', 'operator_user', 'main h1'],
]

function unpacked({ version, packed }) {
  const directory = `${here}node_modules/.kernel-${version}/`
  const program = directory + 'chromium'
  if (existsSync(program)) return program
  mkdirSync(directory, { recursive: true })
  const part = (name) => brotliDecompressSync(readFileSync(`${here}node_modules/${packed}/bin/${name}.br`))
  for (const archive of ['swiftshader.tar', 'aws.tar']) {
    writeFileSync(directory + archive, part(archive))
    execFileSync('tar', ['xf', directory + archive, '-C', directory])
  }
  writeFileSync(program, part('chromium'), { mode: 0o755 })
  return program
}

let passed = 0
let failed = 0
function check(good, what) {
  if (good) passed += 1
  else {
    failed += 1
    console.error('FAILED  ' + what)
  }
}
if (shots) mkdirSync(shots, { recursive: true })
for (const kernel of kernels) {
  const { chromium } = require(kernel.driver)
  const browser = await chromium.launch({ executablePath: unpacked(kernel), args: kernel.flags })
  check(browser.version().startsWith(`${kernel.version}.`), `it is version ${browser.version()}, not ${kernel.version}`)
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'zh-CN',
    ignoreHTTPSErrors: true, // the server has a certificate of its own making
  })
  const page = await context.newPage()
  const wrong = []
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('response', (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`))
  for (const [path, role, ready] of pages) {
    const name = `Chromium ${kernel.version} ${path}`
    try {
      if (role) {
        await page.goto(base + '/public/')
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
      wrong.length = 0
      await page.goto(base + path)
      await page.waitForSelector(ready, { timeout: 30_000 })
      await page.waitForTimeout(500)
      if (shots) await page.screenshot({ path: `${shots}/chromium-${kernel.version}${path.replace(/\W+/g, '-')}.png` })
      check(true, name)
    } catch (error) {
      check(false, `${name}: ${error.message.split('\n')[0]}`)
      if (shots) await page.screenshot({ path: `${shots}/failed-${kernel.version}${path.replace(/\W+/g, '-')}.png` })
    }
    check(wrong.length === 0, `${name}: ${wrong.join(' · ')}`)
  }
  await browser.close()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
