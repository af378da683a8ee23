// A citizen reports a store and follows the ticket: with a finger, with nothing but the keyboard, from below
// another site's path; every screen of the public page passes the gates.
//   node test/public.mjs [BASE_URL] [--shots DIR] [--flow] [--chromium PATH]
// --flow leaves out the walk through every screen.
// mission: F17 F18
// mission: C15
// mission: C16

import { mkdirSync, readFileSync } from 'node:fs'
import { memory, serve } from './mock/doors.mjs'
import { codes } from './mock/packs.mjs'
import { check, end, firstContent, gates, launch, listen, prepare } from './doors_browser.mjs'

const own = process.argv[2]?.startsWith('http') ? null : memory()
const server = own ? await serve(own, { prefix: '/gov/yaojian' }) : null
const base = own ? `http://127.0.0.1:${server.address().port}/gov/yaojian` : process.argv[2]
const shotsAt = process.argv.indexOf('--shots')
const shots = shotsAt > 0 ? process.argv[shotsAt + 1] : ''
if (shots) mkdirSync(shots, { recursive: true })
const browser = await launch()

// a finger: at most five taps, a field error beside its field, nothing typed lost
{
  const context = await prepare(await browser.newContext({ viewport: { width: 390, height: 844 } }))
  await context.addInitScript(() => {
    window.taps = 0
    addEventListener('click', (event) => event.isTrusted && event.detail > 0 && (window.taps += 1), true)
  })
  const page = await context.newPage()
  listen(page, 'report')
  await page.goto(base + '/public/')
  await page.getByRole('link', { name: /举报一家店/ }).click()
  await page.getByRole('heading', { name: '举报一家店' }).waitFor()
  await page.locator('.choice label').first().click()
  await page.locator('#f-store').fill('来雁路 18 号那家')
  if (await page.locator('#f-county').count()) await page.locator('#f-county').selectOption({ index: 1 })
  const text = '药盒封口撕开过，<b>里面</b>少了两板。'
  await page.locator('#f-text').fill(text)
  const photo = readFileSync(new URL('../static/icon.svg', import.meta.url)).toString()
  await page
    .locator('#f-photos')
    .setInputFiles({ name: 'box.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(photo) })
  await page.getByText('不是能打开的照片').waitFor()
  await page.locator('#f-photos').setInputFiles({
    name: 'box.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  })
  await page.locator('.shots canvas').waitFor()
  if (shots) await page.screenshot({ path: `${shots}/public-report.png`, fullPage: true })
  await page.reload() // a lost page loses nothing that was typed; photos are chosen anew
  await page.locator('#f-text').waitFor()
  check((await page.locator('#f-text').inputValue()) === text, 'typed text survives a reload')
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.getByRole('heading', { name: /已收到，受理号/ }).waitFor()
  const taps = await page.evaluate(() => window.taps)
  check(taps <= 5, `at most five taps: ${taps} after the reload`)
  const [ticket, secret] = await page.locator('.kv .key').allTextContents()
  check(
    /\S{6,}/.test(ticket) && /^\S{4}(-\S{4}){3}$/.test(secret),
    `number and secret are shown: ${ticket} ${secret}`,
  )
  if (shots) await page.screenshot({ path: `${shots}/public-receipt.png`, fullPage: true })
  if (own) {
    check(own.reports.length === 1, 'one report on the server')
    check(
      own.reports[0].body.text === text && !('reporter' in own.reports[0].body),
      'word for word, and nobody named',
    )
  }
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
  check(!kept.includes(secret) && !kept.includes('来雁路'), 'nothing of the report stays in the browser')
  await page.reload()
  await page.getByText('只显示一次').first().waitFor()
  check(!(await page.content()).includes(secret), 'the secret is shown once')

  await page.goto(base + '/public/#/ticket')
  await page.getByRole('button', { name: '查询' }).click()
  check((await page.locator('.err').count()) === 2, 'an empty question says what is missing')
  await page.locator('#ticket').fill(ticket)
  await page.locator('#secret').fill('AAAA-AAAA-AAAA-AAAA')
  await page.getByRole('button', { name: '查询' }).click()
  await page.getByText('受理号或者查询码不对').waitFor()
  await page.locator('#secret').fill(secret.toLowerCase().replaceAll('-', ''))
  await page.getByRole('button', { name: '查询' }).click()
  await page.locator('.steps li').first().waitFor()
  check(await page.getByText(ticket).first().isVisible(), 'progress by ticket and secret')
  if (shots) await page.screenshot({ path: `${shots}/public-progress.png`, fullPage: true })
  await context.close()
}

// the keyboard alone, with errors on the way
{
  const context = await prepare(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
  const page = await context.newPage()
  listen(page, 'keyboard')
  await page.goto(base + '/public/')
  const focused = () =>
    page.evaluate(
      () =>
        document.activeElement.id ||
        document.activeElement.name ||
        document.activeElement.textContent.trim().slice(0, 12),
    )
  async function tabTo(fits, most = 60) {
    for (let n = 0; n < most; n += 1) {
      if (fits(await focused())) return true
      await page.keyboard.press('Tab')
    }
    check(false, `the keyboard does not reach ${fits}`)
    return false
  }
  await tabTo((name) => name.startsWith('举报一家店'))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '举报一家店' }).waitFor()
  check((await focused()) === '举报一家店', 'the heading of the new view has the focus')
  await tabTo((name) => name === '提交举报')
  await page.keyboard.press('Enter')
  await page.locator('.err').first().waitFor()
  check((await focused()) === 'reason', `the first wrong field has the focus: ${await focused()}`)
  await page.keyboard.press('ArrowDown')
  await tabTo((name) => name === 'f-store')
  await page.keyboard.type('合江套药房')
  if (await page.locator('#f-county').count()) {
    await tabTo((name) => name === 'f-county')
    await page.keyboard.press('ArrowDown')
  }
  await tabTo((name) => name === 'f-text')
  await page.keyboard.type('没有处方也卖。')
  await tabTo((name) => name === '提交举报')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /已收到/ }).waitFor()
  const [ticket, secret] = await page.locator('.kv .key').allTextContents()
  await tabTo((name) => name === '查办理进度')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '查办理进度' }).waitFor()
  await tabTo((name) => name === 'ticket')
  await page.keyboard.type(ticket)
  await page.keyboard.press('Tab')
  await page.keyboard.type(secret)
  await page.keyboard.press('Enter')
  await page.locator('.steps li').first().waitFor()
  check((await focused()) === ticket.slice(0, 12), `the answer has the focus: ${await focused()}`)
  await context.close()
}

if (own) {
  // a code from the box to the report that is already begun
  const context = await prepare(await browser.newContext({ viewport: { width: 390, height: 844 } }))
  const page = await context.newPage()
  listen(page, 'pack')
  await page.goto(base + '/public/')
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map((one) => one.name))
  check(!loaded.some((one) => /\/pack-/.test(one)), 'the page of a pack is not fetched before it is asked for')
  await page.locator('#q').fill('8100 0010 0123 4567 8901')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '这盒药以前卖出过' }).waitFor()
  check((await page.locator('main').textContent()).match(/药房|药店有限|公司/g)?.join() === '公司', 'the maker is named, no store is')
  await page.getByRole('link', { name: '举报卖药的店' }).click()
  await page.locator('#f-text').waitFor()
  check((await page.locator('#f-text').inputValue()).includes('以前卖出过'), 'the report says what was found')
  check((await page.locator('#f-product').inputValue()) === codes.twice, 'the report names the code')
  await context.close()
}

if (own) {
  // a refusal of the server stands beside its field; a lost network loses nothing; sent again it is one report
  const context = await prepare(await browser.newContext({ viewport: { width: 390, height: 844 } }))
  const page = await context.newPage()
  await page.goto(base + '/public/#/report')
  await page.locator('.choice label').nth(3).click()
  await page.locator('#f-store').fill('某店')
  await page.locator('#f-county').selectOption({ index: 1 })
  await page.locator('#f-text').fill('服务器拒绝这段文字')
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.getByText('这一类举报需要留下姓名').waitFor()
  await page.locator('#f-reporter').fill('王一')
  await page.locator('#f-phone').fill('1387340')
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.getByText('手机号应为 11 位，现在是 7 位').waitFor()
  await page.locator('#f-phone').fill('138 7340 ００００')
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.locator('#text-err', { hasText: '不能受理' }).waitFor()
  await page.locator('#f-text').fill('要求退款')
  const before = own.reports.length
  await context.setOffline(true)
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.getByText('没有连上').waitFor()
  check(
    (await page.locator('#f-text').inputValue()) === '要求退款',
    'nothing typed is lost without a network',
  )
  await context.setOffline(false)
  let lost = true
  await page.route('**/api/public/reports', async (route) => {
    if (!lost) return route.continue()
    lost = false
    await route.fetch() // the server acts, the answer is lost
    await route.abort()
  })
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.getByText('没有连上').waitFor()
  await page.getByRole('button', { name: '提交举报' }).click()
  await page.getByRole('heading', { name: /已收到/ }).waitFor()
  check(
    own.reports.length === before + 1,
    `sent again after a lost answer it is one report: ${own.reports.length - before}`,
  )
  check(own.reports.at(-1).body.reporter.phone === '13873400000', 'digits are narrowed')
  await context.close()
}

// every screen through the gates
const screens = [
  ['home', ''],
  ['report', '#/report'],
  ['ticket', '#/ticket'],
  ['penalties', '#/penalties'],
  ['violators', '#/violators'],
  ['cases', '#/cases'],
  ['help', '#/help'],
  ['find', '#/find?q=x'],
  ['find-store', '#/find?q=%E8%8D%AF%E6%88%BF'],
  ['find-code', '#/find?q=84012340012345678901'],
  ['find-bad', '#/find?q=1234567'],
  ['pack-twice', '#/find?q=' + codes.twice],
  ['pack-recalled', '#/find?q=' + codes.recalled],
  ['pack-fine', '#/find?q=' + codes.opened],
  ['pack-unknown', '#/find?q=84010000000000000000'],
  ['pack-gs1', '#/find?q=' + encodeURIComponent(codes.transit)],
  ['none', '#/penalties?q=zzzz'],
  ['gone', '#/penalties/none'],
  ['missing', '#/nowhere'],
  ['receipt', '#/receipt'],
]
const looks = [
  {},
  { theme: 'dark' },
  { size: 'elder' },
  { language: 'en' },
  { language: 'en', size: 'elder', theme: 'dark' },
]
for (const look of process.argv.includes('--flow') ? [] : looks)
  for (const filled of own ? ['full', 'empty', 'error'] : ['full']) {
    if (own) own.empty = filled === 'empty'
    const label = [...Object.values(look), filled].join('-')
    const context = await prepare(
      await browser.newContext({ viewport: { width: 320, height: 720 }, reducedMotion: 'reduce' }),
      look,
    )
    const page = await context.newPage()
    listen(page, label)
    if (filled === 'error')
      await page.route('**/api/public/**', (route) =>
        route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: 'urn:x',
            title: 'Busy 繁忙',
            status: 503,
            code: 'too_busy',
            detail: '',
            next: '',
          }),
        }),
      )
    if (filled === 'full' && !look.language) {
      await page.goto(base + '/public/#/find?q=1234567')
      await page.locator('.checks').waitFor()
      check(!(await page.locator('.checks').textContent()).includes('正确'), `${label}: seven digits pass for a well written code`)
    }
    await page.goto(base + '/public/')
    const detail = filled === 'full' ? await firstPenalty(page) : ''
    for (const [name, hash] of [...screens, ...(detail ? [['penalty', detail]] : [])]) {
      await page.goto(base + '/public/' + hash)
      await page.locator('main h1:visible').first().waitFor()
      await page.waitForTimeout(60)
      await gates(page, `${name} ${label}`, { tap: look.size === 'elder' ? 60 : 44 })
      if (look.size === 'elder') {
        const small = await page.evaluate(
          () =>
            [...document.querySelectorAll('main p, main li, main dd, main label, main input')].filter(
              (one) =>
                one.checkVisibility() &&
                !one.closest('.hint, .meta, .err') &&
                one.textContent.trim() &&
                parseFloat(getComputedStyle(one).fontSize) < 20,
            ).length,
        )
        check(small === 0, `${name} ${label}: ${small} texts under 20 px`)
      }
      if (look.language === 'en') {
        const left = await page.evaluate(() =>
          [
            ...document.querySelectorAll(
              'header, main h2.ruled, main label, main legend, main button, footer',
            ),
          ]
            .filter((one) => one.checkVisibility())
            .map((one) =>
              [...one.childNodes]
                .filter((node) => node.nodeType === 3 || node.tagName === 'SPAN' || node.tagName === 'A')
                .map((node) => node.textContent)
                .join(''),
            )
            .filter((text) => /[\u4e00-\u9fff]/.test(text.replace('中文', '').replace('清', ''))),
        )
        check(left.length === 0, `${name} ${label}: Chinese left: ${left.join(' | ').slice(0, 80)}`)
      }
    }
    await context.close()
  }
async function firstPenalty(page) {
  await page.goto(base + '/public/#/penalties')
  await page.locator('main h1:visible').first().waitFor()
  const first = page.locator('.rows a').first()
  return (await first.count()) ? await first.getAttribute('href') : ''
}
if (own) own.empty = false
if (shots) {
  for (const [name, width, look, hash] of [
    ['home-phone', 390, {}, ''],
    ['home-wide', 1440, {}, ''],
    ['home-elder', 390, { size: 'elder' }, ''],
    ['home-en-dark', 390, { language: 'en', theme: 'dark' }, ''],
    ['penalties-wide', 1440, {}, '#/penalties'],
    ['report-elder', 390, { size: 'elder' }, '#/report'],
    ['violators', 390, {}, '#/violators'],
    ['pack-twice', 390, {}, '#/find?q=' + codes.twice],
    ['pack-twice-elder', 390, { size: 'elder' }, '#/find?q=' + codes.twice],
    ['pack-twice-en-dark', 390, { language: 'en', theme: 'dark' }, '#/find?q=' + codes.twice],
    ['pack-recalled', 390, {}, '#/find?q=' + codes.recalled],
    ['pack-fine', 390, {}, '#/find?q=' + codes.opened],
    ['pack-fine-wide', 1440, {}, '#/find?q=' + codes.opened],
    ['pack-bad', 390, {}, '#/find?q=1234567'],
    ['pack-unknown', 390, {}, '#/find?q=84010000000000000000'],
  ]) {
    const context = await prepare(
      await browser.newContext({ viewport: { width, height: width > 500 ? 900 : 844 } }),
      look,
    )
    const page = await context.newPage()
    await page.goto(base + '/public/' + hash)
    await page.waitForTimeout(500)
    await page.screenshot({ path: `${shots}/public-${name}.png`, fullPage: true })
    await context.close()
  }
}
console.log(
  `first content, 4 Mbit/s, CPU x4: public ${await firstContent(browser, base + '/public/', 'h1')} ms`,
)
await browser.close()
server?.closeAllConnections()
server?.close()
end('public')
